package io.datawarehouse.benchmarks.http;

import com.sun.nio.file.ExtendedOpenOption;
import io.datawarehouse.benchmarks.report.Subject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;

/**
 * The disk by itself: files of one size, written one after the other past the system's cache and
 * synced, with nothing received, digested or remembered. What is durable cannot be faster.
 */
final class Disk implements Subject, AutoCloseable {

  /** A multiple of every disk's block. */
  private static final int PIECE = 4 << 20;

  private static final int ALIGNMENT = 4096;
  private static final int FILES = 4;
  private static final double NANOS_PER_SECOND = 1e9;

  private final String name;
  private final Path directory;
  private final long size;
  private final ByteBuffer piece;

  Disk(String name, Path work, long size) throws IOException {
    this.name = name;
    this.directory = Files.createDirectories(work.resolve("disk"));
    this.size = size;
    this.piece = ByteBuffer.allocateDirect(PIECE + ALIGNMENT).alignedSlice(ALIGNMENT);
    byte[] random = new byte[PIECE];
    new Random(1).nextBytes(random);
    piece.put(0, random).limit(PIECE);
  }

  @Override
  public String name() {
    return name;
  }

  /** There is next to nothing to compile. */
  @Override
  public void warmUp(Duration time) throws IOException {
    write(directory.resolve("0"));
  }

  @Override
  public Measured run(Duration time) throws IOException {
    long begin = System.nanoTime();
    long end = begin + time.toNanos();
    int files = 0;
    do {
      write(directory.resolve(Integer.toString(files % FILES)));
      files++;
    } while (System.nanoTime() < end);
    return new Measured(files * size * NANOS_PER_SECOND / (System.nanoTime() - begin), 0, 0);
  }

  private void write(Path file) throws IOException {
    Files.deleteIfExists(file);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            ExtendedOpenOption.DIRECT)) {
      for (long written = 0; written < size; ) {
        written += channel.write(piece.rewind().limit((int) Math.min(PIECE, size - written)));
      }
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    for (int i = 0; i < FILES; i++) {
      Files.deleteIfExists(directory.resolve(Integer.toString(i)));
    }
  }
}
