namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>
/// Which row had a phone number first. Twelve bytes per slot and no object per number: a million numbers take about 20 MB,
/// where a <see cref="Dictionary{TKey,TValue}"/> takes 40 and doubles for a moment whenever it grows.
/// </summary>
/// <remarks>
/// 256 small open-addressed tables that grow one by one, so growing never needs a second copy of everything.
/// Not thread-safe: one import, one reader.
/// </remarks>
public sealed class PhoneIndex
{
    private const int Tables = 256;
    private readonly Table[] _tables = new Table[Tables];

    public PhoneIndex()
    {
        for (var i = 0; i < Tables; i++) _tables[i] = new Table();
    }

    /// <summary>How many different numbers are known.</summary>
    public int Count { get; private set; }

    /// <summary>Remembers the number, or says where it was before.</summary>
    /// <param name="phone">E.164 without the plus, above 0.</param>
    /// <param name="row">The row it stands in, above 0.</param>
    /// <returns>0 if the number is new; else the row that had it first, which stays the first.</returns>
    public int Add(long phone, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(phone);
        // Fibonacci hashing: neighbouring numbers, the usual case, land far from one another.
        var hash = (ulong)phone * 0x9E37_79B9_7F4A_7C15;
        var first = _tables[hash >> 56].Add(phone, row, (uint)(hash >> 24));
        if (first == 0) Count++;
        return first;
    }

    private sealed class Table
    {
        private long[] _phones = new long[16];
        private int[] _rows = new int[16];
        private int _count;

        public int Add(long phone, int row, uint hash)
        {
            if (_count * 4 >= _phones.Length * 3) Grow();
            var slot = Find(phone, hash);
            if (_phones[slot] == phone) return _rows[slot];
            _phones[slot] = phone;
            _rows[slot] = row;
            _count++;
            return 0;
        }

        // Linear probing; a free slot holds 0, which is no phone number.
        private int Find(long phone, uint hash)
        {
            var mask = _phones.Length - 1;
            var slot = (int)(hash & mask);
            while (_phones[slot] != 0 && _phones[slot] != phone) slot = (slot + 1) & mask;
            return slot;
        }

        private void Grow()
        {
            var (phones, rows) = (_phones, _rows);
            _phones = new long[phones.Length * 2];
            _rows = new int[rows.Length * 2];
            for (var i = 0; i < phones.Length; i++)
            {
                if (phones[i] == 0) continue;
                var slot = Find(phones[i], (uint)(((ulong)phones[i] * 0x9E37_79B9_7F4A_7C15) >> 24));
                _phones[slot] = phones[i];
                _rows[slot] = rows[i];
            }
        }
    }
}
