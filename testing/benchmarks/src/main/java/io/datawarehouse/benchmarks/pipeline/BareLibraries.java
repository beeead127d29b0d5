package io.datawarehouse.benchmarks.pipeline;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import io.datawarehouse.benchmarks.report.Subject;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Zstandard and AES-256-GCM called in a loop over the same bytes, nothing else: no digest, no
 * store. Several threads take every n-th piece each.
 */
final class BareLibraries implements AutoCloseable {

  static final int PIECE = 128 * 1024;

  private static final int LEVEL = 3;
  private static final int TAG_BITS = 128;

  private final byte[] content;
  private final SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final List<byte[]> encoded = new ArrayList<>();
  private long nonces;

  BareLibraries(byte[] content) throws GeneralSecurityException {
    this.content = content;
    Worker worker = new Worker();
    for (int at = 0; at < content.length; at += PIECE) {
      int length = worker.encode(at);
      byte[] copy = new byte[12 + length];
      System.arraycopy(worker.nonce, 0, copy, 0, 12);
      System.arraycopy(worker.encrypted, 0, copy, 12, length);
      encoded.add(copy);
    }
    worker.close();
  }

  Subject encoding(int count) {
    return subject("bare zstd + AES-GCM there, threads: " + count, count, true);
  }

  Subject decoding(int count) {
    return subject("bare zstd + AES-GCM back, threads: " + count, count, false);
  }

  private Subject subject(String name, int count, boolean there) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measured run(Duration time) throws Exception {
        long begin = System.nanoTime();
        long bytes = 0;
        while (System.nanoTime() - begin < time.toNanos()) {
          List<Future<?>> running = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            int first = i;
            running.add(threads.submit(() -> loop(first, count, there)));
          }
          for (Future<?> one : running) {
            one.get();
          }
          bytes += content.length;
        }
        return new Measured(bytes * 1e9 / (System.nanoTime() - begin), 0, 0);
      }
    };
  }

  private Void loop(int first, int step, boolean there) throws GeneralSecurityException {
    try (Worker worker = new Worker()) {
      for (int piece = first; piece < encoded.size(); piece += step) {
        if (there) {
          worker.encode(piece * PIECE);
        } else {
          worker.decode(encoded.get(piece));
        }
      }
    }
    return null;
  }

  private synchronized long nextNonce() {
    return nonces++;
  }

  /** One thread's contexts and buffers. */
  private final class Worker implements AutoCloseable {

    private final ZstdCompressCtx compressor =
        new ZstdCompressCtx().setLevel(LEVEL).setChecksum(true);
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private final Cipher cipher;
    private final byte[] compressed = new byte[PIECE + 1024];
    private final byte[] encrypted = new byte[PIECE + 2048];
    private final byte[] nonce = new byte[12];

    Worker() throws GeneralSecurityException {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    }

    int encode(int at) throws GeneralSecurityException {
      int length = Math.min(PIECE, content.length - at);
      int count =
          compressor.compressByteArray(compressed, 0, compressed.length, content, at, length);
      ByteBuffer.wrap(nonce).putLong(4, nextNonce());
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
      return cipher.doFinal(compressed, 0, count, encrypted);
    }

    void decode(byte[] piece) throws GeneralSecurityException {
      cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, piece, 0, 12));
      int count = cipher.doFinal(piece, 12, piece.length - 12, compressed);
      decompressor.decompressByteArray(encrypted, 0, PIECE, compressed, 0, count);
    }

    @Override
    public void close() {
      compressor.close();
      decompressor.close();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
