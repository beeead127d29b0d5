package io.datawarehouse.sdk.cluster;

/**
 * The one hash by which affinity keys are spread, the same on every node, in every version and for
 * ever: FNV-1a with 64 bits over the key's UTF-8 bytes, its high bits folded into the low ones.
 * Thread-safe; allocates nothing.
 *
 * @since 0.1
 */
public final class KeyHash {

  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private KeyHash() {}

  /** Returns the hash of a key. A surrogate without its other half counts as {@code ?}. */
  public static long of(CharSequence key) {
    long hash = FNV_BASIS;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c < 0x80) {
        hash = add(hash, c);
      } else if (c < 0x800) {
        hash = add(add(hash, 0xc0 | c >> 6), 0x80 | c & 0x3f);
      } else if (!Character.isSurrogate(c)) {
        hash = add(add(add(hash, 0xe0 | c >> 12), 0x80 | c >> 6 & 0x3f), 0x80 | c & 0x3f);
      } else if (isPair(key, i)) {
        hash = addPair(hash, Character.toCodePoint(c, key.charAt(++i)));
      } else {
        hash = add(hash, '?');
      }
    }
    return fold(hash);
  }

  /**
   * Returns the segment that a hash belongs to.
   *
   * @param hash as {@link #of} gave it
   * @param segments how many there are, at least 1
   * @return 0 to {@code segments - 1}
   */
  public static int segment(long hash, int segments) {
    return (int) Long.remainderUnsigned(hash, segments);
  }

  /**
   * Returns a hash whose bits all depend on all bits of the given one; for places on a ring, where
   * neighbouring numbers must not stay neighbours.
   */
  public static long mix(long hash) {
    long mixed = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  private static boolean isPair(CharSequence key, int at) {
    return at + 1 < key.length() && Character.isSurrogatePair(key.charAt(at), key.charAt(at + 1));
  }

  private static long addPair(long hash, int point) {
    long added = add(add(hash, 0xf0 | point >> 18), 0x80 | point >> 12 & 0x3f);
    return add(add(added, 0x80 | point >> 6 & 0x3f), 0x80 | point & 0x3f);
  }

  private static long add(long hash, int octet) {
    return (hash ^ octet) * FNV_PRIME;
  }

  private static long fold(long hash) {
    long folded = hash ^ hash >>> 32;
    folded ^= folded >>> 16;
    return folded ^ folded >>> 8;
  }
}
