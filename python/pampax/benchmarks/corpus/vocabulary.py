"""The words that generated code is made of: an imaginary company that sells, ships and bills things.

The order matters: a word's place is its rank in Zipf's law, so the first words of each list are everywhere and the last
ones are rare. No word is reserved in any language that `pampax.benchmarks.corpus` writes.
"""

# Plain words in lines; as list literals they would take four times the space.
# ruff: noqa: E501, SIM905

from __future__ import annotations

NOUNS = (
    "order invoice customer payment account session request user product shipment address token message price cart "
    "inventory discount ledger refund schedule report ticket warehouse supplier contract device catalog category "
    "currency tariff voucher balance receipt profile tenant policy audit metric snapshot credential certificate queue "
    "worker batch job pipeline trigger webhook subscription plan quota limit budget forecast region depot carrier parcel "
    "pallet barcode route stop driver vehicle fleet sensor gateway endpoint header cookie cursor page filter index "
    "document paragraph attachment image thumbnail palette layout widget panel dialog toolbar menu shortcut theme font "
    "locale translation calendar holiday timezone reminder notification digest inbox thread comment reaction review "
    "rating survey question reply feedback complaint dispute chargeback fraud score signal feature model dataset sample "
    "label vector embedding cluster centroid histogram bucket window interval deadline timeout backoff heartbeat lease "
    "replica shard partition segment checkpoint journal changelog migration schema column relation constraint fixture "
    "blueprint recipe ingredient nutrient allergen dosage prescription patient clinic appointment diagnosis insurance "
    "premium claim deductible beneficiary mortgage loan installment collateral portfolio dividend brokerage exchange "
    "auction bid listing reservation itinerary passenger luggage boarding runway turbine generator inverter battery "
    "meter reading outage substation feeder transformer valve compressor pump boiler thermostat humidity pressure "
    "altitude bearing waypoint geofence polygon satellite telemetry firmware bootloader watchdog semaphore mailbox"
).split()

VERBS = (
    "load save create update fetch send validate build parse compute resolve render apply publish schedule cancel "
    "merge split convert encode decode encrypt sign verify refresh rotate expire archive restore replay enqueue dispatch "
    "reserve allocate settle charge capture reconcile aggregate normalize deduplicate paginate throttle debounce "
    "subscribe unsubscribe acknowledge reject escalate assign estimate forecast rank group collect prune compact "
    "calibrate interpolate quantize annotate translate reindex provision revoke impersonate audit redact anonymize"
).split()

QUALIFIERS = (
    "pending active primary default cached remote local current previous expired shared draft signed monthly daily "
    "partial total nested stale recent urgent manual automatic internal external regional global regular premium "
    "anonymous verified encrypted compressed incremental recurring prepaid overdue disputed inbound outbound upstream "
    "downstream transient durable optimistic weighted rolling adaptive distributed idempotent atomic lenient strict "
    "orphaned duplicate obsolete provisional contested seasonal retroactive amortized"
).split()

ROLES = (
    "Service Store Client Handler Builder Repository Validator Controller Factory Registry Resolver Scheduler Adapter "
    "Formatter Serializer Monitor Dispatcher Provider Gateway Planner Tracker Calculator Publisher Mapper Reader Writer "
    "Importer Exporter Limiter Coordinator"
).split()

SETTINGS = (
    "limit timeout_seconds retries enabled batch_size window_days threshold endpoint region path concurrency ttl_seconds "
    "max_entries sample_rate level prefix interval_seconds capacity grace_period strategy"
).split()

REASONS = (
    "because the upstream answer may be incomplete|to keep retries idempotent|so that a replay gives the same result"
    "|as the regulator asks for it|unless the tenant opted out|before the nightly batch starts"
    "|so callers never see a half-written state|which is what the old system did|to stay below the provider's limit"
    "|since two workers may race here|when the feature flag is on|for every region separately"
    "|because clocks on the edge devices drift|to avoid a second round trip|until the migration is finished"
    "|so that the report can be reproduced|after the grace period has passed|without touching archived rows"
).split("|")


def third_person(verb: str) -> str:
    """The form of `verb` after "it": load -> loads, publish -> publishes, apply -> applies."""
    if verb.endswith(("s", "sh", "ch", "x", "z")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


_PAST = {"send": "sent", "split": "split", "build": "built"}


def past(verb: str) -> str:
    """The past form of `verb`: load -> loaded, publish -> published, apply -> applied."""
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + "ed"


def plural(noun: str) -> str:
    """The plural of `noun`: order -> orders, batch -> batches, currency -> currencies."""
    return noun if noun.endswith("s") and not noun.endswith("ss") else third_person(noun)
