package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.kernel.keys.DataKey;
import io.datawarehouse.kernel.keys.DataKeys;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Keys in memory: what is wrapped is the place of a key in a map. */
public final class MemoryDataKeys implements DataKeys {

  private record Entry(BlobKey blob, Bytes contentId, byte[] material) {}

  private final Map<Bytes, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();
  private final SecureRandom random = new SecureRandom();

  @Override
  public DataKey create(BlobKey blob, Bytes contentId) {
    byte[] material = new byte[DataKey.LENGTH];
    random.nextBytes(material);
    Bytes place =
        Bytes.copyOf(Long.toString(last.incrementAndGet()).getBytes(StandardCharsets.UTF_8));
    entries.put(place, new Entry(blob, contentId, material.clone()));
    return new DataKey(material, new WrappedKey("test", place));
  }

  /**
   * Opens the key wherever it is used, so that tests see what frames are bound to by themselves.
   */
  @Override
  public DataKey open(BlobKey blob, Bytes contentId, WrappedKey wrapped) {
    Entry entry = entries.get(wrapped.material());
    if (entry == null) {
      throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "the key was tampered with");
    }
    return new DataKey(entry.material.clone(), wrapped);
  }
}
