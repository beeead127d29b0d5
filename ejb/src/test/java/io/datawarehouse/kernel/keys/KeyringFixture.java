package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Optional;

/** Keyrings over one map and one service; opening another one plays a restart. */
final class KeyringFixture {

  static final Bytes CONTENT = Bytes.utf8("0123456789abcdef");

  final ManualClock clock = new ManualClock();
  final InMemoryKernelStorage storage = new InMemoryKernelStorage();
  final SampleKeyService.Vault vault = new SampleKeyService.Vault();
  final RecordingMetrics metrics = new RecordingMetrics();

  Keyring open() {
    return open(storage, 16);
  }

  Keyring open(KernelStorage over, int cachedKeys) {
    SampleKeyService service = new SampleKeyService(vault);
    return new Keyring(
        new Keyring.Options(
            new KeySource("sample", () -> Optional.of(service), clock, Runnable::run),
            over,
            clock,
            new SecureRandom(),
            metrics,
            cachedKeys));
  }

  static BlobKey blob(String bucket) {
    return BlobKey.of(bucket, "a/blob");
  }

  /** A key that was made, as it lies in the store, with what it is in the open. */
  record Made(BlobKey blob, byte[] material, WrappedKey wrapped) {

    /** Returns whether a keyring still opens it to the same. */
    boolean opensWith(Keyring keyring) {
      try (DataKey key = keyring.open(blob, CONTENT, wrapped)) {
        return MessageDigest.isEqual(key.material(), material);
      }
    }
  }

  static Made make(Keyring keyring, String bucket) {
    try (DataKey key = keyring.create(blob(bucket), CONTENT)) {
      return new Made(blob(bucket), key.material().clone(), key.wrapped());
    }
  }
}
