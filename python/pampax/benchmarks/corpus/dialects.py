"""How each programming language writes the same few ideas: a module, a function, a class, a statement, a test.

A template is text with `%(field)s` places, written at the column where it stands in a file. What the fields mean:

    name     the function            a, b     its parameters (b is a number where the language has types)
    v        its local result        w        a loop variable
    call     a function to call      Class    the surrounding or declared class        Type  the type of `a`'s elements
    field    a property              key, n   a configuration key and its default      error the module's error type
    msg      a message to a person   doc      the first sentence of a documentation    line  another sentence
"""

# A template is easier to read as long lines than as many pieces.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass, field

STATEMENTS = ("guard", "config", "loop", "log", "attempt", "build", "call", "comment")


@dataclass(frozen=True)
class Dialect:
    """One language. `functions_in_class`: free functions are static members of the module's class."""

    language: str
    extension: str
    case: str
    folder: str
    doc: str
    open: str
    method: str
    first: str
    result: str
    close: str
    class_open: str
    class_close: str
    head: str
    use: str
    call_form: str
    test_head: str
    test: str
    test_foot: str = ""
    foot: str = ""
    doc_inside: bool = False
    functions_in_class: bool = False
    methods_outside: bool = False
    indent: str = "    "
    statements: dict[str, str] = field(default_factory=dict)


PYTHON = Dialect(
    language="python",
    extension="py",
    case="snake",
    folder="services",
    doc='    """%(doc)s\n\n    %(line)s\n    """\n',
    doc_inside=True,
    head='"""%(doc)s\n\n%(line)s\n"""\n\nfrom __future__ import annotations\n\nimport logging\n\n'
    "from platform_settings import settings\n%(uses)s\nLOG = logging.getLogger(__name__)\n"
    "%(CONSTANT)s = %(n)d\n\n\nclass %(error)s(ValueError):\n"
    '    """Raised when the %(a)s is rejected."""\n\n\n',
    use="from %(module)s import %(symbol)s\n",
    call_form="%(symbol)s",
    open="def %(name)s(%(a)s, %(b)s=None):\n",
    method="def %(name)s(self, %(a)s, %(b)s=None):\n",
    first="    %(v)s = %(call)s(%(a)s, %(b)s)\n",
    result="    return %(v)s\n",
    close="\n\n",
    class_open='class %(Class)s:\n    """%(doc)s"""\n\n    def __init__(self, %(a)s, %(b)s):\n'
    "        self.%(a)s = %(a)s\n        self.%(b)s = %(b)s\n\n",
    class_close="\n",
    test_head='"""Tests of %(module)s."""\n\nimport pytest\n\nfrom %(module)s import %(symbols)s\n\n\n',
    test="def test_%(name)s_%(k)d_%(a)s():\n    %(v)s = %(call)s([%(n)d], %(k)d)\n"
    '    assert %(v)s is not None, "%(msg)s"\n    with pytest.raises(ValueError):\n        %(call)s([], %(n)d)\n\n\n',
    statements={
        "guard": '    if not %(a)s:\n        raise %(error)s("%(msg)s")\n',
        "config": '    %(b)s = settings.get("%(key)s", %(n)d)\n',
        "loop": "    for %(w)s in %(a)s:\n        if %(w)s.%(field)s > %(n)d:\n"
        "            %(v)s = %(call)s(%(w)s, %(b)s)\n",
        "log": '    LOG.info("%(msg)s: %%s", %(v)s)\n',
        "attempt": "    try:\n        %(v)s = %(call)s(%(v)s, %(n)d)\n    except KeyError as cause:\n"
        '        raise %(error)s("%(msg)s") from cause\n',
        "build": '    %(v)s = {\n        "%(field)s": %(a)s,\n        "%(b)s": %(n)d,\n    }\n',
        "call": "    %(v)s = %(call)s(%(v)s, %(b)s)\n",
        "comment": "    # %(line)s\n",
    },
)

_SCRIPT_STATEMENTS = {
    "guard": '  if (!%(a)s.length) {\n    throw new %(error)s("%(msg)s");\n  }\n',
    "config": '  %(v)s.%(field)s = settings.get("%(key)s", %(n)d);\n',
    "loop": "  for (const %(w)s of %(a)s) {\n    if (%(w)s.%(field)s > %(n)d) {\n"
    "      %(v)s = %(call)s(%(w)s, %(b)s);\n    }\n  }\n",
    "log": '  logger.info("%(msg)s", { %(field)s: %(v)s });\n',
    "attempt": "  try {\n    %(v)s = %(call)s(%(v)s, %(n)d);\n  } catch (cause) {\n"
    '    throw new %(error)s("%(msg)s", { cause });\n  }\n',
    "build": "  %(v)s = { ...%(v)s, %(field)s: %(n)d };\n",
    "call": "  %(v)s = %(call)s(%(v)s, %(b)s);\n",
    "comment": "  // %(line)s\n",
}

TYPESCRIPT = Dialect(
    language="typescript",
    extension="ts",
    case="camel",
    folder="apps",
    indent="  ",
    doc="/**\n * %(doc)s\n *\n * %(line)s\n */\n",
    head='/** %(doc)s */\nimport { logger, settings } from "@platform/runtime";\n%(uses)s\n'
    "const %(CONSTANT)s = %(n)d;\n\nexport interface %(Type)s {\n  id: string;\n  %(a)s: number;\n  %(b)s?: number;\n}\n\n"
    "export class %(error)s extends Error {}\n\n",
    use='import { %(symbol)s } from "%(module)s";\n',
    call_form="%(symbol)s",
    open="export function %(name)s(%(a)s: %(Type)s[], %(b)s: number): %(Type)s {\n",
    method="%(name)s(%(a)s: %(Type)s[], %(b)s: number): %(Type)s {\n",
    first="  let %(v)s = %(call)s(%(a)s, %(b)s);\n",
    result="  return %(v)s;\n",
    close="}\n\n",
    class_open="/** %(doc)s */\nexport class %(Class)s {\n  private readonly %(a)s: number = %(n)d;\n\n",
    class_close="}\n\n",
    test_head='import { describe, expect, it } from "vitest";\nimport { %(symbols)s } from "%(module)s";\n\n'
    'describe("%(Class)s", () => {\n',
    test='  it("%(msg)s %(k)d", () => {\n    const %(v)s = %(call)s([], %(n)d);\n'
    "    expect(%(v)s.%(field)s).toBeGreaterThan(%(k)d);\n  });\n\n",
    test_foot="});\n",
    statements=_SCRIPT_STATEMENTS,
)

JAVASCRIPT = Dialect(
    language="javascript",
    extension="js",
    case="camel",
    folder="web",
    indent="  ",
    doc="/**\n * %(doc)s\n * @param {Array} %(a)s\n * @param {number} %(b)s\n */\n",
    head='// %(doc)s\nimport { logger, settings } from "@platform/runtime";\n%(uses)s\n'
    "const %(CONSTANT)s = %(n)d;\n\nexport class %(error)s extends Error {}\n\n",
    use='import { %(symbol)s } from "%(module)s";\n',
    call_form="%(symbol)s",
    open="export function %(name)s(%(a)s, %(b)s) {\n",
    method="%(name)s(%(a)s, %(b)s) {\n",
    first="  let %(v)s = %(call)s(%(a)s, %(b)s);\n",
    result="  return %(v)s;\n",
    close="}\n\n",
    class_open="/** %(doc)s */\nexport class %(Class)s {\n  constructor(%(a)s, %(b)s = %(n)d) {\n"
    "    this.%(a)s = %(a)s;\n    this.%(b)s = %(b)s;\n  }\n\n",
    class_close="}\n\n",
    test_head='import { %(symbols)s } from "%(module)s";\n\ndescribe("%(Class)s", () => {\n',
    test='  test("%(msg)s %(k)d", () => {\n    const %(v)s = %(call)s([], %(n)d);\n'
    "    expect(%(v)s.%(field)s).toBe(%(k)d);\n  });\n\n",
    test_foot="});\n",
    statements=_SCRIPT_STATEMENTS,
)

GO = Dialect(
    language="go",
    extension="go",
    case="pascal",
    folder="services",
    indent="\t",
    methods_outside=True,
    doc="// %(name)s: %(doc)s\n// %(line)s\n",
    head='package %(package)s\n\nimport (\n\t"context"\n\t"errors"\n\t"log/slog"\n\n\t"example.com/mono/settings"\n%(uses)s)\n\n'
    '// %(error)s says that %(line)s\nvar %(error)s = errors.New("%(msg)s")\n\nconst %(constant)s = %(n)d\n\n'
    "// %(Type)s is one %(a)s.\ntype %(Type)s struct {\n\tID string\n\t%(Field)s int\n}\n\n",
    use='\t"example.com/mono/%(module)s"\n',
    call_form="%(package)s.%(symbol)s",
    open="func %(name)s(ctx context.Context, %(a)s []%(Type)s, %(b)s int) (%(Type)s, error) {\n",
    method="func (s *%(Class)s) %(name)s(ctx context.Context, %(a)s []%(Type)s, %(b)s int) (%(Type)s, error) {\n",
    first="\t%(v)s, err := %(call)s(ctx, %(a)s, %(b)s)\n",
    result="\treturn %(v)s, err\n",
    close="}\n\n",
    class_open="// %(Class)s: %(doc)s\ntype %(Class)s struct {\n\t%(a)s int\n\t%(b)s string\n}\n\n",
    class_close="",
    test_head='package %(package)s\n\nimport (\n\t"context"\n\t"testing"\n)\n\n',
    test="func Test%(name)s%(k)d(t *testing.T) {\n\t%(v)s, err := %(symbol)s(context.Background(), nil, %(n)d)\n"
    '\tif err != nil || %(v)s.ID == "" {\n\t\tt.Fatalf("%(msg)s: %%v", err)\n\t}\n}\n\n',
    statements={
        "guard": "\tif len(%(a)s) == 0 {\n\t\treturn %(Type)s{}, %(error)s\n\t}\n",
        "config": '\t%(b)s = settings.Int("%(key)s", %(n)d)\n',
        "loop": "\tfor _, %(w)s := range %(a)s {\n\t\tif %(w)s.%(Field)s > %(n)d {\n"
        "\t\t\t%(v)s, err = %(call)s(ctx, %(a)s, %(w)s.%(Field)s)\n\t\t}\n\t}\n",
        "log": '\tslog.InfoContext(ctx, "%(msg)s", "%(field)s", %(v)s)\n',
        "attempt": '\tif err != nil {\n\t\treturn %(Type)s{}, errors.Join(err, errors.New("%(msg)s"))\n\t}\n',
        "build": "\t%(v)s.%(Field)s = %(b)s + %(n)d\n",
        "call": "\t%(v)s, err = %(call)s(ctx, %(a)s, %(n)d)\n",
        "comment": "\t// %(line)s\n",
    },
)

_CURLY_STATEMENTS = {
    "guard": '    if (%(a)s.isEmpty()) {\n        throw new %(error)s("%(msg)s");\n    }\n',
    "config": '    %(v)s.set("%(field)s", settings.getInt("%(key)s", %(n)d));\n',
    "loop": "    for (%(Type)s %(w)s : %(a)s) {\n        if (%(w)s.%(field)s() > %(n)d) {\n"
    "            %(v)s = %(call)s(%(a)s, %(b)s);\n        }\n    }\n",
    "log": '    LOG.info("%(msg)s: {}", %(v)s);\n',
    "attempt": "    try {\n        %(v)s = %(call)s(%(a)s, %(n)d);\n    } catch (IllegalStateException cause) {\n"
    '        throw new %(error)s("%(msg)s", cause);\n    }\n',
    "build": "    %(v)s = %(v)s.with%(Field)s(%(n)d);\n",
    "call": "    %(v)s = %(call)s(%(a)s, %(b)s + %(n)d);\n",
    "comment": "    // %(line)s\n",
}

JAVA = Dialect(
    language="java",
    extension="java",
    case="camel",
    folder="platform",
    functions_in_class=True,
    doc="/**\n * %(doc)s\n *\n * <p>%(line)s\n */\n",
    head="package com.example.%(package)s;\n\nimport java.util.List;\nimport org.slf4j.Logger;\nimport org.slf4j.LoggerFactory;\n"
    "%(uses)s\n/** %(doc)s */\npublic final class %(Class)s {\n"
    "    private static final Logger LOG = LoggerFactory.getLogger(%(Class)s.class);\n"
    "    private static final int %(CONSTANT)s = %(n)d;\n\n"
    "    /** %(line)s */\n    public static class %(error)s extends RuntimeException {}\n\n",
    foot="}\n",
    use="import com.example.%(package)s.%(Class)s;\n",
    call_form="%(Class)s.%(symbol)s",
    open="public static %(Type)s %(name)s(List<%(Type)s> %(a)s, int %(b)s) {\n",
    method="public %(Type)s %(name)s(List<%(Type)s> %(a)s, int %(b)s) {\n",
    first="    %(Type)s %(v)s = %(call)s(%(a)s, %(b)s);\n",
    result="    return %(v)s;\n",
    close="}\n\n",
    class_open="/** %(doc)s */\npublic static class %(Class)s {\n    private int %(a)s = %(n)d;\n    private String %(b)s;\n\n",
    class_close="}\n\n",
    test_head="package com.example.%(package)s;\n\nimport static org.junit.jupiter.api.Assertions.assertNotNull;\n\n"
    "import java.util.List;\nimport org.junit.jupiter.api.Test;\n\nclass %(Class)sTest {\n",
    test="    @Test\n    void %(name)s%(k)d() {\n        var %(v)s = %(call)s(List.of(), %(n)d);\n"
    '        assertNotNull(%(v)s, "%(msg)s");\n    }\n\n',
    test_foot="}\n",
    statements=_CURLY_STATEMENTS,
)

CSHARP = Dialect(
    language="csharp",
    extension="cs",
    case="pascal",
    folder="platform",
    functions_in_class=True,
    doc="/// <summary>%(doc)s</summary>\n/// <remarks>%(line)s</remarks>\n",
    head="using System;\nusing System.Collections.Generic;\n%(uses)s\nnamespace Example.%(Package)s;\n\n"
    "public class %(error)s : Exception\n{\n    public %(error)s(string message) : base(message) { }\n}\n\n"
    "/// <summary>%(doc)s</summary>\npublic static class %(Class)s\n{\n    private const int %(Constant)s = %(n)d;\n\n",
    foot="}\n",
    use="using Example.%(Package)s;\n",
    call_form="%(Class)s.%(symbol)s",
    open="public static %(Type)s %(name)s(IReadOnlyList<%(Type)s> %(a)s, int %(b)s)\n{\n",
    method="public %(Type)s %(name)s(IReadOnlyList<%(Type)s> %(a)s, int %(b)s)\n{\n",
    first="    var %(v)s = %(call)s(%(a)s, %(b)s);\n",
    result="    return %(v)s;\n",
    close="}\n\n",
    class_open="/// <summary>%(doc)s</summary>\npublic sealed class %(Class)s\n{\n    public int %(Field)s { get; init; } = %(n)d;\n\n",
    class_close="}\n\n",
    test_head="using System.Collections.Generic;\nusing Xunit;\n\nnamespace Example.%(Package)s;\n\npublic class %(Class)sTests\n{\n",
    test="    [Fact]\n    public void %(name)s_%(k)d()\n    {\n        var %(v)s = %(call)s(new List<%(Type)s>(), %(n)d);\n"
    '        Assert.True(%(v)s.%(Field)s > %(k)d, "%(msg)s");\n    }\n\n',
    test_foot="}\n",
    statements=_CURLY_STATEMENTS
    | {
        "guard": '    if (%(a)s.Count == 0)\n    {\n        throw new %(error)s("%(msg)s");\n    }\n',
        "config": '    %(v)s.%(Field)s = Settings.Int("%(key)s", %(n)d);\n',
        "loop": "    foreach (var %(w)s in %(a)s)\n    {\n        if (%(w)s.%(Field)s > %(n)d)\n        {\n"
        "            %(v)s = %(call)s(%(a)s, %(b)s);\n        }\n    }\n",
        "log": '    Log.Information("%(msg)s: {Value}", %(v)s);\n',
        "attempt": "    try\n    {\n        %(v)s = %(call)s(%(a)s, %(n)d);\n    }\n"
        '    catch (InvalidOperationException)\n    {\n        throw new %(error)s("%(msg)s");\n    }\n',
        "build": "    %(v)s = %(v)s with { %(Field)s = %(n)d };\n",
    },
)

RUST = Dialect(
    language="rust",
    extension="rs",
    case="snake",
    folder="crates",
    doc="/// %(doc)s\n///\n/// %(line)s\n",
    head="//! %(doc)s\n\nuse platform_settings::settings;\n%(uses)s\nconst %(CONSTANT)s: i64 = %(n)d;\n\n"
    "/// One %(a)s.\n#[derive(Debug, Clone, Default)]\npub struct %(Type)s {\n    pub id: String,\n    pub %(field)s: i64,\n}\n\n"
    "/// %(line)s\n#[derive(Debug)]\npub struct %(error)s(pub &'static str);\n\n",
    use="use %(module)s::%(symbol)s;\n",
    call_form="%(symbol)s",
    open="pub fn %(name)s(%(a)s: &[%(Type)s], mut %(b)s: i64) -> Result<%(Type)s, %(error)s> {\n",
    method="pub fn %(name)s(&self, %(a)s: &[%(Type)s], mut %(b)s: i64) -> Result<%(Type)s, %(error)s> {\n",
    first="    let mut %(v)s = %(call)s(%(a)s, %(b)s)?;\n",
    result="    Ok(%(v)s)\n",
    close="}\n\n",
    class_open="/// %(doc)s\npub struct %(Class)s {\n    %(a)s: i64,\n    %(b)s: Option<String>,\n}\n\nimpl %(Class)s {\n",
    class_close="}\n\n",
    test_head="//! Tests of `%(module)s`.\nuse %(module)s::{%(symbols)s};\n\n",
    test="#[test]\nfn %(name)s_%(k)d() {\n    let %(v)s = %(call)s(&[], %(n)d);\n"
    '    assert!(%(v)s.is_err(), "%(msg)s {}", %(k)d);\n}\n\n',
    statements={
        "guard": '    if %(a)s.is_empty() {\n        return Err(%(error)s("%(msg)s"));\n    }\n',
        "config": '    %(b)s += settings().integer("%(key)s").unwrap_or(%(n)d);\n',
        "loop": "    for %(w)s in %(a)s {\n        if %(w)s.%(field)s > %(n)d {\n"
        "            %(v)s = %(call)s(%(a)s, %(b)s)?;\n        }\n    }\n",
        "log": '    tracing::info!(%(b)s, "%(msg)s: {:?}", %(v)s);\n',
        "attempt": '    %(v)s = %(call)s(%(a)s, %(n)d).map_err(|_| %(error)s("%(msg)s"))?;\n',
        "build": "    %(v)s = %(Type)s {\n        %(field)s: %(b)s,\n        ..%(v)s\n    };\n",
        "call": "    %(v)s = %(call)s(%(a)s, %(n)d)?;\n",
        "comment": "    // %(line)s\n",
    },
)

_C_STATEMENTS = {
    "guard": '    if (%(a)s == NULL) {\n        log_error("%(msg)s");\n        return NULL;\n    }\n',
    "config": '    %(b)s = settings_int("%(key)s", %(n)d);\n',
    "loop": "    for (int %(w)s = 0; %(w)s < %(b)s; %(w)s++) {\n        if (%(a)s[%(w)s].%(field)s > %(n)d) {\n"
    "            %(v)s = %(call)s(%(a)s, %(w)s);\n        }\n    }\n",
    "log": '    log_info("%(msg)s: %%d", %(b)s);\n',
    "attempt": '    if (!%(v)s) {\n        log_error("%(msg)s");\n        goto done;\n    }\n',
    "build": "    %(v)s->%(field)s = %(n)d;\n",
    "call": "    %(v)s = %(call)s(%(v)s, %(b)s);\n",
    "comment": "    /* %(line)s */\n",
}

C = Dialect(
    language="c",
    extension="c",
    case="snake",
    folder="native",
    methods_outside=True,
    doc="/* %(doc)s\n * %(line)s\n */\n",
    head='/* %(doc)s */\n#include <stdlib.h>\n#include <string.h>\n\n#include "platform/settings.h"\n%(uses)s\n'
    "#define %(CONSTANT)s %(n)d\n\nstruct %(type)s {\n    char id[16];\n    int %(field)s;\n};\n\n",
    use='#include "%(module)s.h"\n',
    call_form="%(symbol)s",
    open="struct %(type)s *%(name)s(struct %(type)s *%(a)s, int %(b)s)\n{\n",
    method="static struct %(type)s *%(name)s(struct %(type)s *%(a)s, int %(b)s)\n{\n",
    first="    struct %(type)s *%(v)s = %(call)s(%(a)s, %(b)s);\n",
    result="done:\n    return %(v)s;\n",
    close="}\n\n",
    class_open="/* %(doc)s */\ntypedef struct {\n    int %(a)s;\n    const char *%(b)s;\n} %(class)s_t;\n\n",
    class_close="",
    test_head='#include "platform/test.h"\n#include "%(module)s.h"\n\n',
    test="TEST(%(name)s_%(k)d)\n{\n    struct %(type)s *%(v)s = %(call)s(NULL, %(n)d);\n"
    '    CHECK(%(v)s == NULL, "%(msg)s %(k)d");\n}\n\n',
    statements=_C_STATEMENTS,
)

CPP = Dialect(
    language="cpp",
    extension="cpp",
    case="camel",
    folder="native",
    doc="/// %(doc)s\n/// %(line)s\n",
    head='// %(doc)s\n#include <string>\n#include <vector>\n\n#include "platform/settings.hpp"\n%(uses)s\nnamespace %(package)s {\n\n'
    "constexpr int k%(Constant)s = %(n)d;\n\nstruct %(Type)s {\n    std::string id;\n    int %(field)s = 0;\n};\n\n",
    foot="}  // namespace %(package)s\n",
    use='#include "%(module)s.hpp"\n',
    call_form="%(package)s::%(symbol)s",
    open="%(Type)s %(name)s(const std::vector<%(Type)s>& %(a)s, int %(b)s) {\n",
    method="%(Type)s %(name)s(const std::vector<%(Type)s>& %(a)s, int %(b)s) const {\n",
    first="    auto %(v)s = %(call)s(%(a)s, %(b)s);\n",
    result="    return %(v)s;\n",
    close="}\n\n",
    class_open="/// %(doc)s\nclass %(Class)s {\npublic:\n    explicit %(Class)s(int %(a)s) : %(a)s_(%(a)s) {}\n\n",
    class_close="private:\n    int %(a)s_ = %(n)d;\n};\n\n",
    test_head='#include <gtest/gtest.h>\n\n#include "%(module)s.hpp"\n\n',
    test="TEST(%(Class)s, %(name)s%(k)d) {\n    const auto %(v)s = %(call)s({}, %(n)d);\n"
    '    EXPECT_EQ(%(v)s.%(field)s, %(k)d) << "%(msg)s";\n}\n\n',
    statements=_C_STATEMENTS
    | {
        "guard": '    if (%(a)s.empty()) {\n        throw std::invalid_argument("%(msg)s");\n    }\n',
        "loop": "    for (const auto& %(w)s : %(a)s) {\n        if (%(w)s.%(field)s > %(n)d) {\n"
        "            %(v)s = %(call)s(%(a)s, %(b)s);\n        }\n    }\n",
        "log": '    spdlog::info("%(msg)s: {}", %(b)s);\n',
        "attempt": "    try {\n        %(v)s = %(call)s(%(a)s, %(n)d);\n    } catch (const std::out_of_range&) {\n"
        '        throw std::runtime_error("%(msg)s");\n    }\n',
        "build": "    %(v)s.%(field)s = %(n)d;\n",
        "call": "    %(v)s = %(call)s(%(a)s, %(b)s + %(n)d);\n",
        "comment": "    // %(line)s\n",
    },
)

RUBY = Dialect(
    language="ruby",
    extension="rb",
    case="snake",
    folder="tools",
    functions_in_class=True,
    indent="  ",
    doc="# %(doc)s\n#\n# %(line)s\n",
    head='# frozen_string_literal: true\n\nrequire "platform/settings"\n%(uses)s\n# %(doc)s\nclass %(Class)s\n'
    "  class %(error)s < StandardError; end\n\n  %(CONSTANT)s = %(n)d\n\n",
    foot="end\n",
    use='require "%(module)s"\n',
    call_form="%(Class)s.%(symbol)s",
    open="def self.%(name)s(%(a)s, %(b)s = %(n)d)\n",
    method="def %(name)s(%(a)s, %(b)s = nil)\n",
    first="  %(v)s = %(call)s(%(a)s, %(b)s)\n",
    result="  %(v)s\n",
    close="end\n\n",
    class_open="# %(doc)s\nclass %(Class)s\n  attr_reader :%(a)s, :%(b)s\n\n",
    class_close="end\n\n",
    test_head='require "%(module)s"\n\nRSpec.describe %(Class)s do\n',
    test='  it "%(msg)s %(k)d" do\n    %(v)s = %(call)s([], %(n)d)\n    expect(%(v)s).to eq(%(k)d)\n  end\n\n',
    test_foot="end\n",
    statements={
        "guard": '  raise %(error)s, "%(msg)s" if %(a)s.empty?\n',
        "config": '  %(b)s = Settings.fetch("%(key)s", %(n)d)\n',
        "loop": "  %(a)s.each do |%(w)s|\n    %(v)s = %(call)s(%(w)s, %(b)s) if %(w)s.%(field)s > %(n)d\n  end\n",
        "log": '  LOG.info("%(msg)s: #{%(v)s}")\n',
        "attempt": "  begin\n    %(v)s = %(call)s(%(v)s, %(n)d)\n  rescue KeyError\n"
        '    raise %(error)s, "%(msg)s"\n  end\n',
        "build": "  %(v)s = { %(field)s: %(a)s, amount: %(n)d }\n",
        "call": "  %(v)s = %(call)s(%(v)s, %(b)s)\n",
        "comment": "  # %(line)s\n",
    },
)

# A package has one of these languages; the order is also how often it is chosen (the first ones most).
DIALECTS = (PYTHON, TYPESCRIPT, GO, JAVA, JAVASCRIPT, RUST, CPP, C, RUBY, CSHARP)
