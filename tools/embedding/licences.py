"""Which licences permit training on a text, and how the licence of a source is found out.

A source counts as permitted only if its own metadata says so: an SPDX expression, a `debian/copyright` in the
machine-readable form, or the text of a licence file that is recognised. What is not understood is not permitted.
"""

import re
from fnmatch import translate

PERMITTED = frozenset({
    "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "curl", "HPND", "ISC",
    "libpng-2.0",
    "MIT", "MIT-0", "MPL-2.0", "NCSA", "PostgreSQL", "PSF-2.0", "public-domain", "Python-2.0", "Unlicense",
    "WTFPL", "X11", "Zlib", "ZPL-2.1",
})  # fmt: skip

# Names of the same licences in the metadata of packages, in lower case.
OTHER_NAMES = {
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "apache-2.0-with-llvm": "Apache-2.0",
    "asl-2": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "bsd-2": "BSD-2-Clause",
    "bsd-2-clauses": "BSD-2-Clause",
    "bsd-3": "BSD-3-Clause",
    "bsd-3-clauses": "BSD-3-Clause",
    "bsd-3-google": "BSD-3-Clause",
    "bsd-c3": "BSD-3-Clause",
    "bsd2": "BSD-2-Clause",
    "bsd3": "BSD-3-Clause",
    "boost": "BSL-1.0",
    "boost-1.0": "BSL-1.0",
    "bsl-1": "BSL-1.0",
    "cc0": "CC0-1.0",
    "expat": "MIT",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit/expat": "MIT",
    "mit/x11": "MIT",
    "mit-1": "MIT",
    "mit-license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl-2": "MPL-2.0",
    "pd": "public-domain",
    "public domain": "public-domain",
    "python software foundation license": "PSF-2.0",
    "the mit license": "MIT",
    "the unlicense (unlicense)": "Unlicense",
    "uiuc": "NCSA",
    "zlib/libpng": "Zlib",
    "zope public license": "ZPL-2.1",
}
KNOWN = {name.lower(): name for name in PERMITTED} | OTHER_NAMES

# Sentences that only one licence has.
SENTENCES = (
    ("MPL-2.0", r"Mozilla Public License,?\s+(v(ersion|\.)?)\s*\.?\s*2\.0"),
    ("Apache-2.0", r"Apache License\s+Version 2\.0, January 2004"),
    ("MIT", r"Permission is hereby granted, free of charge, to any person obtaining a copy"),
    (
        "ISC",
        r"Permission to use, copy, modify,? and(/or)? distribute this software for any\s+purpose with or without fee",
    ),
    ("BSD-3-Clause", r"Redistribution and use in source and binary forms.*[Nn]either the name"),
    ("BSD-2-Clause", r"Redistribution and use in source and binary forms"),
)


def short_name(name: str) -> str | None:
    """The SPDX name of a permitted licence, nothing for any other."""
    # Debian tells variants of a licence apart by what follows a tilde.
    plain = name.strip().strip("\"'").lower().split("~")[0]
    return KNOWN.get(plain) or KNOWN.get(plain.removesuffix(" license"))


def permitted(expression: str) -> str | None:
    """The expression in SPDX names if it permits, else nothing: of an OR one side must, of an AND every side."""
    text = expression.strip().replace("(", " ").replace(")", " ")
    if whole := short_name(expression):
        return whole
    choices = []
    for choice in re.split(r"\s+or\s+|\s*/\s*|\s*\|\s*", text, flags=re.IGNORECASE):
        parts = [
            short_name(re.sub(r"\s+with\s+\S+$", "", part, flags=re.IGNORECASE))
            for part in re.split(r"\s+and\s+|\s*,\s*|\s*;\s*", choice, flags=re.IGNORECASE)
        ]
        if all(parts):
            choices.append(" AND ".join(sorted({part for part in parts if part})))
    return " OR ".join(dict.fromkeys(choices)) or None


def of_text(text: str) -> str | None:
    """The licence that the text of a licence file is recognised as."""
    if re.search(
        r"GNU (LESSER |AFFERO )?GENERAL PUBLIC LICENSE|Business Source License|Commons Clause", text, re.IGNORECASE
    ):
        return None
    flat = re.sub(r"\s+", " ", text)
    return next((name for name, sentence in SENTENCES if re.search(sentence, flat)), None)


class DebianCopyright:
    """The machine-readable `debian/copyright` of a source package: a licence for every file.

    Later stanzas win over earlier ones, as in its specification.
    """

    def __init__(self, text: str) -> None:
        self.stanzas: list[tuple[re.Pattern[str], str]] = []
        for stanza in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
            fields = {
                match[1].lower(): match[2]
                for match in re.finditer(r"^(Files|License):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE)
            }
            if "files" not in fields or "license" not in fields:
                continue
            patterns = "|".join(
                translate(pattern) for pattern in re.split(r"[\s,]+", fields["files"].strip()) if pattern
            )
            if patterns:
                self.stanzas.append((re.compile(patterns), fields["license"].split("\n")[0].strip()))

    def licence(self, path: str) -> str | None:
        """The permitting licence of a file, whose path begins below the source's top folder."""
        name = next((name for pattern, name in reversed(self.stanzas) if pattern.match(path)), None)
        return permitted(name) if name else None

    def main_licence(self) -> str | None:
        """The permitting licence of files that no narrower stanza names."""
        return self.licence("\0")
