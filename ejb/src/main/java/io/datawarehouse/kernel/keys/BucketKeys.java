package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.security.MasterWrapping;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * All keys that a bucket has and had, oldest first; one record of the store, so that they change at
 * one stroke. At most one is active. Immutable.
 *
 * @param format the form of the record
 * @param keys the keys
 * @param decree the last destruction decreed by a cluster that was carried out on these keys, so
 *     that it is durable with them
 */
record BucketKeys(int format, List<BucketKey> keys, OptionalLong decree) {

  /** The form that this release reads and writes. */
  static final int FORMAT = 1;

  /** How many keys one bucket may have had: that many fit into a record. */
  static final int MOST = 1_000;

  /** Checks and copies. */
  BucketKeys {
    if (format != FORMAT) {
      throw new IllegalArgumentException("records of keys of form " + format + " are not known");
    }
    keys = List.copyOf(keys);
    if (keys.stream().filter(key -> key.state() == KeyState.ACTIVE).count() > 1) {
      throw new IllegalArgumentException("a bucket has one active key at most");
    }
  }

  static BucketKeys none() {
    return new BucketKeys(FORMAT, List.of(), OptionalLong.empty());
  }

  Optional<BucketKey> active() {
    return keys.stream().filter(key -> key.state() == KeyState.ACTIVE).findFirst();
  }

  Optional<BucketKey> find(String id) {
    return keys.stream().filter(key -> key.id().equals(id)).findFirst();
  }

  /** Returns the keys that are not destroyed. */
  List<BucketKey> living() {
    return keys.stream().filter(key -> key.state() != KeyState.DESTROYED).toList();
  }

  int nextVersion() {
    return 1 + keys.stream().mapToInt(BucketKey::version).max().orElse(0);
  }

  /** Returns these keys and a new active one; the one that was active is retired. */
  BucketKeys followedBy(BucketKey next, Instant now) {
    List<BucketKey> all = new ArrayList<>(each(key -> key.retired(now)).keys);
    all.add(next);
    return new BucketKeys(FORMAT, all, decree);
  }

  BucketKeys destroyed(Instant now) {
    return each(key -> key.destroyed(now));
  }

  /** Returns whether that decree, or a later one, was carried out. */
  boolean obeyed(long number) {
    return decree.isPresent() && decree.getAsLong() >= number;
  }

  /** Returns these keys with that decree taken as carried out; themselves where it was. */
  BucketKeys withDecree(long number) {
    return obeyed(number) ? this : new BucketKeys(format, keys, OptionalLong.of(number));
  }

  /** Returns what a decree leaves of these keys; themselves where it was carried out before. */
  BucketKeys destroyedBy(long number, Instant now) {
    return obeyed(number) ? this : destroyed(now).withDecree(number);
  }

  /** Returns what is kept of keys that go with their bucket. */
  BucketKeys dropped() {
    return new BucketKeys(FORMAT, List.of(), decree);
  }

  /**
   * Returns these keys with other wrappings, but for those that have changed or are gone since.
   *
   * @param before the keys as they were read, with the wrapping that each gets
   */
  BucketKeys rewrapped(Map<BucketKey, MasterWrapping> before) {
    return each(
        key -> {
          MasterWrapping wrapping =
              before.entrySet().stream()
                  .filter(entry -> entry.getKey().id().equals(key.id()))
                  .filter(entry -> entry.getKey().wrapping().equals(key.wrapping()))
                  .map(Map.Entry::getValue)
                  .findFirst()
                  .orElse(null);
          return wrapping == null ? key : key.rewrapped(wrapping);
        });
  }

  private BucketKeys each(UnaryOperator<BucketKey> change) {
    return new BucketKeys(FORMAT, keys.stream().map(change).toList(), decree);
  }
}
