package io.datawarehouse.plugin.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialFileTest {

  private static final int BUFFER = 4096;
  private static final int BLOCK = 512;
  private static final Executor REJECTING =
      task -> {
        throw new RejectedExecutionException();
      };

  @TempDir Path directory;
  private final FrameBuffers buffers = new FrameBuffers(BUFFER, 24, Duration.ofMillis(100));
  private final ExecutorService pool = Executors.newFixedThreadPool(2);

  @AfterEach
  void everyBufferIsBack() {
    pool.shutdownNow();
    assertThat(buffers.lent()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 4095, 4096, 4097, 16_384, 16_385, 100_000, 1_000_003})
  void writesWhatWasPut(int size) throws IOException {
    for (int block : new int[] {0, BLOCK}) {
      for (Executor executor : new Executor[] {pool, Runnable::run, REJECTING, task -> {}}) {
        byte[] content = bytes(size);
        Path path = directory.resolve("file-" + size);
        try (SequentialFile file = open(path, block, executor)) {
          put(file, content);
          file.end();
          file.sync();

          assertThat(file.length()).isEqualTo(size);
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(content);
      }
    }
  }

  @Test
  void goesOnWithOneBufferWhereOthersHaveTheRest() throws IOException {
    ArrayDeque<java.nio.ByteBuffer> others = new ArrayDeque<>();
    while (buffers.lent() < 23) {
      others.push(buffers.borrow());
    }
    byte[] content = bytes(50_000);
    try (SequentialFile file = open(directory.resolve("file"), 0, pool)) {
      put(file, content);
      file.end();
    } finally {
      others.forEach(buffers::giveBack);
    }
    assertThat(directory.resolve("file")).hasBinaryContent(content);
  }

  @Test
  void tellsAtTheLatestAtTheEndThatAWriteFailed() throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try (SequentialFile file =
        new SequentialFile(new SequentialFile.Created(channel, 0), buffers, pool, Long.MAX_VALUE)) {
      channel.close();
      assertThatThrownBy(
              () -> {
                put(file, bytes(200_000));
                file.end();
              })
          .isInstanceOf(WarehouseException.class)
          .hasMessageContaining("writing a content file");
      assertThatThrownBy(file::sync).isInstanceOf(WarehouseException.class);
    }
  }

  @Test
  void givesUpWhatWasNotEnded() throws IOException {
    try (SequentialFile file = open(directory.resolve("file"), 0, task -> {})) {
      put(file, bytes(10_000));
    }
    assertThat(buffers.lent()).isZero();
  }

  private SequentialFile open(Path path, int block, Executor executor) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new SequentialFile(
        new SequentialFile.Created(channel, block), buffers, executor, 20_000);
  }

  private static void put(SequentialFile file, byte[] content) {
    for (int from = 0; from < content.length; from += 3000) {
      file.put(content, from, Math.min(3000, content.length - from));
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
