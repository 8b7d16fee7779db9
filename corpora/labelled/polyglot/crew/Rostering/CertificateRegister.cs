using System.Collections.Concurrent;

namespace Tidewater.Crew.Rostering;

public sealed class CertificateRegister(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Sailor, string Kind), DateOnly> _validUntil = new();

    public void Record(string sailor, string kind, DateOnly until) =>
        _validUntil.AddOrUpdate((sailor, kind), until, (_, known) => until > known ? until : known);

    public bool MayServeAs(string sailor, Rank rank) => Required(rank).All(kind => IsValid(sailor, kind));

    public IEnumerable<(string Sailor, string Kind)> RunningOut(TimeSpan ahead)
    {
        var horizon = Today().AddDays((int)ahead.TotalDays);
        return _validUntil.Where(entry => entry.Value <= horizon).Select(entry => entry.Key);
    }

    private bool IsValid(string sailor, string kind) =>
        _validUntil.TryGetValue((sailor, kind), out var until) && until >= Today();

    private DateOnly Today() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static string[] Required(Rank rank) => rank switch
    {
        Rank.Master => ["master mariner", "radio", "medical"],
        Rank.Engineer => ["engine room", "medical"],
        _ => ["basic safety", "medical"],
    };
}

public enum Rank { Master, Engineer, Deckhand }
