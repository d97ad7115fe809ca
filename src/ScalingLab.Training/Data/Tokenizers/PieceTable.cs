using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>A hash table from byte strings to values that is asked by span, keeps its keys in one array and remembers their order.</summary>
internal sealed class PieceTable<T>
{
    private struct Entry
    {
        public uint Hash;
        public int Start, Length;
        public T Value;
    }

    private int[] _buckets = new int[1 << 12]; // place of an entry + 1; 0 is free
    private Entry[] _entries = new Entry[1 << 11];
    private byte[] _keys = new byte[1 << 14];
    private int _keyBytes;

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all keys.</summary>
    public int KeyBytes => _keyBytes;

    /// <summary>A key, by order of its first use.</summary>
    public ReadOnlySpan<byte> Key(int place) => _keys.AsSpan(_entries[place].Start, _entries[place].Length);

    /// <summary>A value, by order of its key's first use.</summary>
    public T Value(int place) => _entries[place].Value;

    /// <summary>The value of a key, set to the default when it is new. Valid until the next call.</summary>
    public ref T Slot(ReadOnlySpan<byte> key)
    {
        uint hash = Hash(key);
        int bucket = Find(key, hash);
        if (_buckets[bucket] == 0)
        {
            if (Count == _entries.Length)
            {
                Grow();
                bucket = Find(key, hash);
            }
            _buckets[bucket] = Store(key, hash);
        }
        return ref _entries[_buckets[bucket] - 1].Value;
    }

    /// <summary>Looks a key up without adding it.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out T value)
    {
        int place = _buckets[Find(key, Hash(key))];
        value = place == 0 ? default! : _entries[place - 1].Value;
        return place != 0;
    }

    private int Find(ReadOnlySpan<byte> key, uint hash)
    {
        int mask = _buckets.Length - 1;
        int bucket = (int)(hash & (uint)mask);
        for (int place; (place = _buckets[bucket]) != 0; bucket = (bucket + 1) & mask)
        {
            ref Entry entry = ref _entries[place - 1];
            if (entry.Hash == hash && entry.Length == key.Length && key.SequenceEqual(_keys.AsSpan(entry.Start, entry.Length))) break;
        }
        return bucket;
    }

    private int Store(ReadOnlySpan<byte> key, uint hash)
    {
        if (_keyBytes + key.Length > _keys.Length) Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keyBytes + key.Length));
        key.CopyTo(_keys.AsSpan(_keyBytes));
        _entries[Count] = new Entry { Hash = hash, Start = _keyBytes, Length = key.Length, Value = default! };
        _keyBytes += key.Length;
        return ++Count;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _buckets = new int[_entries.Length * 2];
        for (int place = 0; place < Count; place++)
        {
            int bucket = (int)(_entries[place].Hash & (uint)(_buckets.Length - 1));
            while (_buckets[bucket] != 0) bucket = (bucket + 1) & (_buckets.Length - 1);
            _buckets[bucket] = place + 1;
        }
    }

    /// <summary>Multiply and xor-shift over words of eight bytes; decides nothing but the speed.</summary>
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        unchecked
        {
            ulong h = (ulong)key.Length * Odd;
            while (key.Length >= 8)
            {
                h = (h ^ MemoryMarshal.Read<ulong>(key)) * Odd;
                h ^= h >> 32;
                key = key[8..];
            }
            ulong tail = 0;
            for (int i = 0; i < key.Length; i++) tail |= (ulong)key[i] << (8 * i);
            h = (h ^ tail) * Odd;
            return (uint)(h >> 32);
        }
    }
}
