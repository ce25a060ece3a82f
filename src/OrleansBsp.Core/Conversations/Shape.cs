namespace OrleansBsp.Core.Conversations;

/// <summary>The kinds of <see cref="Shape"/>.</summary>
public enum ShapeKind
{
    Text,

    /// <summary>A whole address, beginning with http:// or https://.</summary>
    Link,

    /// <summary>A number, or a text that holds one: Meta writes coordinates both ways.</summary>
    Degrees,

    /// <summary>True or false.</summary>
    Flag,
    List,
    Object,
}

/// <summary>
/// What a JSON value of a message must look like so that Meta does not refuse it for certain. Data, so that what is checked and what the interface
/// says about itself come from the same place.
/// </summary>
public sealed record Shape(ShapeKind Kind)
{
    /// <summary>Least characters (code points) of a text, or items of a list.</summary>
    public int Min { get; init; }

    /// <summary>Most characters of a text, items of a list, or degrees to either side of zero.</summary>
    public int Max { get; init; } = int.MaxValue;

    /// <summary>What each item of a list looks like; else null.</summary>
    public Shape? Item { get; init; }

    /// <summary>The fields of an object.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>The object takes further fields, which nobody checks: Meta has many there, and adds to them.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Of these fields of the object there must be one, and no more. Empty: there is no such rule.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];

    internal static Shape Link { get; } = new(ShapeKind.Link);

    internal static Shape Flag { get; } = new(ShapeKind.Flag);

    internal static Shape Text(int max = int.MaxValue, int min = 1) => new(ShapeKind.Text) { Min = min, Max = max };

    internal static Shape Degrees(int most) => new(ShapeKind.Degrees) { Max = most };

    internal static Shape List(Shape item, int min = 0, int max = int.MaxValue) => new(ShapeKind.List) { Item = item, Min = min, Max = max };

    internal static Shape Object(params Field[] fields) => new(ShapeKind.Object) { Fields = fields };
}

/// <summary>A field of an object.</summary>
public sealed record Field(string Name, Shape Shape, bool IsRequired = false);
