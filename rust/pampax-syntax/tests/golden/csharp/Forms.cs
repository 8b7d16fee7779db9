// Written for this project: the forms of a C# definition that the other fixtures lack.
global using System.Linq;
using System;
using System.Collections.Generic;
using static System.Math;
using Json = System.Text.Json.JsonSerializer;

[assembly: CLSCompliant(true)]

namespace Forms.Model;

/// <summary>Called when something changed.</summary>
public delegate void Changed<T>(object sender, T value);

/// <summary>A point of the plane.</summary>
public readonly record struct Point(int X, int Y)
{
    public static readonly Point Origin = new(0, 0);

    public double Length => Sqrt(X * X + Y * Y);
}

public record Person(string Name, int Age);

public record class Employee(string Name, int Age, string Title) : Person(Name, Age), INamed
{
    public string Department { get; init; } = "none";
}

[Flags]
public enum Access : byte
{
    /// <summary>Nothing.</summary>
    None = 0,
    [Obsolete] Read = 1,
    Write = 2,
}

public interface INamed
{
    string Name { get; }

    void Rename(string name);

    static abstract INamed Create(string name);

    string Describe() => $"named {Name}";

    event EventHandler Renamed;
}

public struct Size
{
    public int Width, Height;
    private const int Limit = 4096, Half = Limit / 2;

    public Size(int width, int height)
    {
        Width = width;
        Height = height;
    }
}

/// <summary>Holds items.</summary>
/// <typeparam name="T">The item.</typeparam>
public abstract partial class Store<T> : IDisposable, IEnumerable<T>
    where T : class, INamed, new()
{
    private readonly Dictionary<string, T> items = new Dictionary<string, T>();
    protected internal static int instances;
    public event EventHandler<T> Added;
    private event Changed<T> Removed, Replaced;

    static Store()
    {
        instances = 0;
    }

    protected Store() : this(16) { }

    protected Store(int capacity) : base()
    {
        instances += capacity;
        int Local(int x) => x + 1;
        Local(capacity);
    }

    ~Store()
    {
        Dispose();
    }

    public event Changed<T> Custom
    {
        add { Removed += value; }
        remove { Removed -= value; }
    }

    public int Count
    {
        get { return items.Count; }
    }

    public T this[string name]
    {
        get => items[name];
        set => items[name] = value;
    }

    [Obsolete("use Put")]
    public virtual void Add(T item) => Put(item);

    public abstract bool Put(T item);

    public async Task<U> LoadAsync<U>(string path) where U : T
    {
        var text = await File.ReadAllTextAsync(path);
        Added?.Invoke(this, default);
        return Json.Deserialize<U>(text) ?? throw new InvalidOperationException(nameof(path));
    }

    void IDisposable.Dispose()
    {
        GC.SuppressFinalize(this);
    }

    public static bool operator ==(Store<T> a, Store<T> b) => ReferenceEquals(a, b);

    public static implicit operator int(Store<T> store) => store.Count;

    private sealed class Entry(string key)
    {
        public string Key { get; } = key;
    }
}

public static class Extensions
{
    public static string Shout(this string text) => text.ToUpper();
}

internal static class Program
{
    private static int Main(string[] arguments)
    {
        Console.WriteLine(typeof(Point));
        return 0;
    }
}
