package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.AcknowledgedLedger;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process of its own that writes to a store until it is killed. It says on its standard output,
 * line by line, what it is about to change ({@code ask ID KEY VERSION}) and what was acknowledged
 * ({@code ack ID KEY}); it ends when its standard input does.
 */
final class CrashWriter {

  static final String BUCKET = "crash";
  static final int KEYS = 40;

  /** Small memtables, so that flushes and compactions are cut off as well. */
  static final Map<String, String> CONFIG =
      Map.of("memtable.bytes", "4MiB", "cache.bytes", "4MiB", "writeback.bytes", "1MiB");

  private static final int THREADS = 8;
  private static final int LARGEST = 2 << 20;

  private final RocksDbStoragePlugin plugin;
  private final BucketName bucket;
  private final long seed;
  private final AtomicLong ids = new AtomicLong();
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private CrashWriter(RocksDbStoragePlugin plugin, long seed) {
    this.plugin = plugin;
    this.seed = seed;
    this.bucket = StoredBlobs.bucket(plugin, BUCKET);
  }

  /** Arguments: the store's directory, the seed. */
  public static void main(String[] arguments) throws Exception {
    FakeKernelContext context =
        new FakeKernelContext("storage-rocksdb", Path.of(arguments[0]), CONFIG);
    RocksDbStoragePlugin plugin = new RocksDbStoragePlugin();
    plugin.start(context);
    new CrashWriter(plugin, Long.parseLong(arguments[1])).start();
    while (System.in.read() >= 0) {
      // Nothing is said to this process; it only notices that nobody listens any more.
    }
    Runtime.getRuntime().halt(0);
  }

  private void start() {
    var pool = Executors.newFixedThreadPool(THREADS);
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(seed + i);
      pool.execute(() -> changeForEver(random));
    }
  }

  private void changeForEver(Random random) {
    try {
      while (true) {
        change(random);
      }
    } catch (RuntimeException | Error e) {
      out.println("failed " + e);
      throw e;
    }
  }

  private void change(Random random) {
    BlobKey key = new BlobKey(bucket, "key-" + random.nextInt(KEYS));
    long id = ids.incrementAndGet();
    if (random.nextInt(5) == 0) {
      out.println("ask " + id + " " + key.key() + " " + AcknowledgedLedger.ABSENT);
      plugin.delete(key, version -> {});
    } else {
      byte[] content = StoredBlobs.random(random, size(random));
      out.println("ask " + id + " " + key.key() + " " + StoredBlobs.sha256(content));
      StoredBlobs.put(plugin, key, content);
    }
    out.println("ack " + id + " " + key.key());
  }

  private static int size(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(100);
      case 1 -> random.nextInt(64 << 10);
      case 2 -> random.nextInt(512 << 10);
      default -> random.nextInt(LARGEST + 1);
    };
  }
}
