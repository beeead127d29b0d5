package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Reads one version to see whether it is as it was stored. Confined to one thread. */
public final class ContentAudit {

  /** Told what is about to be read, so that it can take its time. */
  @FunctionalInterface
  public interface Pace {
    /** Returns when so many bytes may be read; may throw to stop. */
    void before(int bytes);
  }

  private static final int PIECE_BYTES = 64 * 1024;
  private static final int FIRST_LENGTHS = 16;

  private final BlobReader reader;
  private final BlobManifest manifest;
  private final Pace pace;
  private final MessageDigest digest;

  ContentAudit(BlobReader reader, Pace pace) {
    this.reader = reader;
    this.manifest = reader.manifest();
    this.pace = pace;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  void verifyPlain() {
    byte[] piece = new byte[PIECE_BYTES];
    long rest = manifest.size();
    pace.before((int) Math.min(PIECE_BYTES, rest));
    try (InputStream stream = open(rest)) {
      while (rest > 0) {
        int wanted = (int) Math.min(PIECE_BYTES, rest);
        if (rest < manifest.size()) {
          pace.before(wanted);
        }
        if (stream.readNBytes(piece, 0, wanted) < wanted) {
          throw Damage.of(blob(), "it is too short");
        }
        digest.update(piece, 0, wanted);
        rest -= wanted;
      }
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED,
          "reading " + WarehouseException.shown(blob()) + " failed",
          e);
    }
    requireDigest();
  }

  private InputStream open(long length) {
    try {
      return reader.open(0, length);
    } catch (IndexOutOfBoundsException e) {
      throw Damage.of(blob(), "its stored content is shorter than its manifest says");
    }
  }

  void verifyEncoded(StoredFrames frames, DecodingCoder coder) {
    Frame frame = new Frame(new byte[coder.bufferBytes()], new byte[coder.bufferBytes()]);
    int[] lengths = new int[FIRST_LENGTHS];
    long stored = manifest.encoding().orElseThrow().length();
    // What a frame takes is known only afterwards: each is taken for one of usual length.
    int usual = (int) Math.min(coder.bufferBytes(), (stored - 1) / frames.count() + 1);
    pace.before(usual);
    frames.seek(0, frames.count() - 1);
    for (int i = 0; i < frames.count(); i++) {
      if (i > 0) {
        pace.before(usual);
      }
      frames.fetch(frame);
      if (i == lengths.length) {
        lengths = Arrays.copyOf(lengths, 2 * i);
      }
      lengths[i] = frame.storedBytes;
      coder.work(frame);
      digest.update(frame.content, 0, frame.contentBytes);
    }
    long wrong = frames.findWrongEntry(lengths);
    if (wrong >= 0) {
      throw Damage.of(blob(), "the index entry of frame " + wrong + " is wrong");
    }
    requireDigest();
  }

  private void requireDigest() {
    if (!HexFormat.of().formatHex(digest.digest()).equals(manifest.etag())) {
      throw Damage.of(blob(), "it does not have the digest that its manifest says");
    }
  }

  private BlobKey blob() {
    return manifest.blobKey();
  }
}
