package io.datawarehouse.plugin.memory;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Content in pieces of equal size, but for the last. Immutable: nobody writes to the arrays any
 * more.
 *
 * @param pieces the pieces, all full but the last
 * @param length how many bytes there are
 */
record Chunks(List<byte[]> pieces, long length) {

  static final int PIECE_BYTES = 64 * 1024;

  Chunks {
    pieces = List.copyOf(pieces);
  }

  InputStream open(long offset, long count) {
    Objects.checkFromIndexSize(offset, count, length);
    return new ChunkStream(this, offset, offset + count);
  }

  /** Reads a part. Confined to one thread. */
  private static final class ChunkStream extends InputStream {

    private final Chunks source;
    private final long end;
    private long position;

    ChunkStream(Chunks source, long position, long end) {
      this.source = source;
      this.position = position;
      this.end = end;
    }

    @Override
    public int read() {
      if (position == end) {
        return -1;
      }
      byte value =
          source.pieces.get((int) (position / PIECE_BYTES))[(int) (position % PIECE_BYTES)];
      position++;
      return value & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (length == 0) {
        return 0;
      }
      if (position == end) {
        return -1;
      }
      int inPiece = (int) (position % PIECE_BYTES);
      int count = (int) Math.min(Math.min(length, PIECE_BYTES - inPiece), end - position);
      System.arraycopy(
          source.pieces.get((int) (position / PIECE_BYTES)), inPiece, target, offset, count);
      position += count;
      return count;
    }

    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, end - position);
    }
  }

  /** Collects pieces. Confined to one thread. */
  static final class Builder {

    private final List<byte[]> pieces = new ArrayList<>();
    private int inLast = PIECE_BYTES;
    private long length;

    void add(byte[] source, int offset, int count) {
      int from = offset;
      int rest = count;
      while (rest > 0) {
        if (inLast == PIECE_BYTES) {
          pieces.add(new byte[Math.min(PIECE_BYTES, Math.max(rest, 1024))]);
          inLast = 0;
        }
        byte[] last = roomInLast(rest);
        int part = Math.min(rest, last.length - inLast);
        System.arraycopy(source, from, last, inLast, part);
        inLast += part;
        from += part;
        rest -= part;
      }
      length += count;
    }

    private byte[] roomInLast(int wanted) {
      int at = pieces.size() - 1;
      byte[] last = pieces.get(at);
      if (last.length - inLast < wanted && last.length < PIECE_BYTES) {
        last =
            Arrays.copyOf(last, Math.min(PIECE_BYTES, Math.max(2 * last.length, inLast + wanted)));
        pieces.set(at, last);
      }
      return last;
    }

    Chunks build() {
      return new Chunks(pieces, length);
    }
  }
}
