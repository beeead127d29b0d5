package io.datawarehouse.benchmarks.pipeline;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.plugin.memory.MemoryStoragePlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.ByteRange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A blob of 64 MiB of text through zstd and AES-256-GCM, there and back, against the same libraries
 * in a bare loop; and 4 KiB out of a large blob against 4 KiB out of a small one.
 */
public final class PipelineBenchmark {

  private static final int MIB = 1 << 20;
  private static final int SIZE = 64 * MIB;
  private static final int LARGE_MIB = 1024;
  private static final int RANGE = 4096;
  private static final double MIB_PER_SECOND = MIB;
  private static final List<String> STAGES = List.of("zstd", "aes-gcm");
  private static final Rounds.Plan PLAN =
      new Rounds.Plan(Duration.ofSeconds(6), Duration.ofSeconds(2), 7);

  private PipelineBenchmark() {}

  /** Runs it; the arguments are {@code put}, {@code get} and {@code range}, or none for all. */
  public static void main(String[] arguments) throws Exception {
    List<String> wanted =
        arguments.length == 0 ? List.of("put", "get", "range") : List.of(arguments);
    Path directory = Files.createTempDirectory("dw-pipeline");
    byte[] text = new Words().text(SIZE);
    try (Warehouse memory =
            new Warehouse(new MemoryStoragePlugin(), directory.resolve("memory"), STAGES);
        Warehouse disk =
            new Warehouse(new RocksDbStoragePlugin(), directory.resolve("disk"), STAGES);
        BareLibraries bare = new BareLibraries(text)) {
      if (wanted.contains("put")) {
        compare(
            "PUT",
            bare.encoding(1),
            bare.encoding(2),
            put(memory, "memory", text),
            put(disk, "disk", text));
      }
      if (wanted.contains("get")) {
        memory.put("blob", new ByteArrayInputStream(text), SIZE);
        disk.put("blob", new ByteArrayInputStream(text), SIZE);
        compare(
            "GET", bare.decoding(1), bare.decoding(2), get(memory, "memory"), get(disk, "disk"));
      }
      if (wanted.contains("range")) {
        ranges(disk, text);
      }
    } finally {
      delete(directory);
    }
  }

  private static void compare(String what, Subject one, Subject two, Subject memory, Subject disk)
      throws Exception {
    Map<String, Double> medians =
        new Rounds(System.out, what + " of 64 MiB of text", "MiB/s", MIB_PER_SECOND)
            .compare(PLAN, List.of(one, two, memory, disk));
    for (Subject subject : List.of(memory, disk)) {
      for (Subject bare : List.of(one, two)) {
        Rounds.ratio(
            System.out,
            subject.name() + " / " + bare.name(),
            medians.get(subject.name()) / medians.get(bare.name()),
            0.7);
      }
    }
  }

  private static Subject put(Warehouse warehouse, String store, byte[] text) {
    return subject(
        "warehouse PUT, " + store,
        () -> {
          warehouse.put("blob", new ByteArrayInputStream(text), SIZE);
          return SIZE;
        });
  }

  private static Subject get(Warehouse warehouse, String store) {
    return subject(
        "warehouse GET, " + store,
        () -> warehouse.get("blob", Optional.empty(), OutputStream.nullOutputStream()));
  }

  /** One piece of work; returns how much it was. */
  @FunctionalInterface
  private interface Work {
    long once() throws IOException;
  }

  private static Subject subject(String name, Work work) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measured run(Duration time) throws IOException {
        long[] took = new long[1 << 20];
        int count = 0;
        long done = 0;
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < time.toNanos()) {
          done += work.once();
          long end = System.nanoTime();
          took[count++] = end - now;
          now = end;
        }
        Arrays.sort(took, 0, count);
        return new Measured(
            done * 1e9 / (now - begin),
            took[count / 2] / 1e3,
            took[Math.min(count - 1, count * 99 / 100)] / 1e3);
      }
    };
  }

  private static void ranges(Warehouse disk, byte[] text) throws Exception {
    disk.put("small", new ByteArrayInputStream(text, 0, MIB), MIB);
    List<InputStream> parts =
        Collections.nCopies(LARGE_MIB / 64, text).stream()
            .<InputStream>map(ByteArrayInputStream::new)
            .toList();
    disk.put(
        "large", new SequenceInputStream(Collections.enumeration(parts)), (long) LARGE_MIB * MIB);
    Subject small = range(disk, "small", MIB);
    Subject large = range(disk, "large", (long) LARGE_MIB * MIB);
    Map<String, Double> medians =
        new Rounds(System.out, "4 KiB ranges", "ranges/s", RANGE)
            .compare(PLAN, List.of(small, large));
    Rounds.ratio(
        System.out,
        large.name() + " / " + small.name(),
        medians.get(large.name()) / medians.get(small.name()),
        1.0 / 3);
  }

  private static Subject range(Warehouse disk, String key, long size) {
    Random random = new Random(1);
    return subject(
        "4 KiB of " + size / MIB + " MiB",
        () -> {
          long first = (long) (random.nextDouble() * (size - RANGE));
          return disk.get(
              key,
              Optional.of(ByteRange.of(first, first + RANGE - 1)),
              OutputStream.nullOutputStream());
        });
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
