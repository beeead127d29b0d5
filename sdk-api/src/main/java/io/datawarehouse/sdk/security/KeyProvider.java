package io.datawarehouse.sdk.security;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.message.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * Holds master keys and wraps the keys of buckets with them: a keystore, a key management service,
 * a hardware module. The kernel never sees a master key. Thread-safe: calls come from many threads
 * at once, may block, and should answer within seconds; the kernel calls while it holds no lock
 * that a read or write of a blob waits for.
 *
 * <p>Exactly one master key is current. It alone wraps; all others that the provider still has
 * unwrap what they wrapped before.
 *
 * <p>A provider MUST: (1) wrap with authenticated encryption, so that material that was changed, or
 * comes with other associated data, or was wrapped by another key of the same name, does not
 * unwrap; (2) never wrap with a key that is not current; (3) keep a master key, over restarts, as
 * long as the operator did not remove it: what it wrapped is lost without it; (4) never make a new
 * key under a name that was used before; (5) have a new master key stored durably before it wraps
 * with it; (6) neither keep nor change the arrays that it is given, and wipe its own copies; (7)
 * show no key material in exceptions, logs, metrics or {@code toString}.
 *
 * <p>Every method throws {@code KEY_UNAVAILABLE} where the keys cannot be reached now.
 *
 * @since 0.1
 */
public interface KeyProvider {

  /**
   * The capability: several may be installed, {@code dw.keys.provider} names one. A plugin offers
   * it under any name that the kernel does not have itself: {@code keystore}, {@code environment}
   * and {@code file} are taken.
   */
  CapabilityKey<KeyProvider> CAPABILITY =
      CapabilityKey.of("keys", KeyProvider.class, Cardinality.SELECTED);

  /** The largest material that must be wrapped, in bytes. */
  int MOST_MATERIAL = 512;

  /** Returns all master keys, the current one first; never empty. */
  List<MasterKey> masterKeys();

  /**
   * Wraps material with the current master key. Wrapping the same twice gives different results.
   *
   * @param material 1 to {@value #MOST_MATERIAL} bytes; the caller wipes them afterwards
   * @param associatedData what the wrapping is bound to, not secret; needed to unwrap it
   */
  MasterWrapping wrap(byte[] material, Bytes associatedData);

  /**
   * Unwraps material.
   *
   * @return the material, a new array that the caller wipes; empty where the wrapping is not what
   *     that master key made with that associated data
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code KEY_UNAVAILABLE} naming the master
   *     key, where the provider does not have it
   */
  Optional<byte[]> unwrap(MasterWrapping wrapped, Bytes associatedData);

  /** Returns whether {@link #create()} works; where not, operators bring new keys themselves. */
  boolean createsKeys();

  /**
   * Makes a new master key, which is the current one from then on, and returns it.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code SETTING_UNSUPPORTED} where {@link
   *     #createsKeys()} is false
   */
  MasterKey create();
}
