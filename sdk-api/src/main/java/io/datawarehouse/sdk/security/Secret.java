package io.datawarehouse.sdk.security;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A secret in the open, for as long as it is needed: use it in a {@code try} with resources.
 * Closing wipes it, and all arrays that it gave out. It never shows itself. Thread-safe, but the
 * arrays are not to be used while another thread closes it.
 *
 * @since 0.1
 */
public final class Secret implements AutoCloseable {

  private static final int MOST_BYTES_OF_A_CHAR = 3;

  private final byte[] content;
  private final List<char[]> given = new ArrayList<>();
  private boolean closed;

  private Secret(byte[] content) {
    this.content = content;
  }

  /** Takes the array over: the caller neither keeps nor changes it. */
  public static Secret of(byte[] content) {
    return new Secret(content);
  }

  /** Copies the characters as UTF-8; the caller wipes its own. */
  public static Secret of(char[] text) {
    // Room for the longest form, so that the encoder leaves no copy of its own behind.
    ByteBuffer encoded = ByteBuffer.allocate(MOST_BYTES_OF_A_CHAR * text.length);
    CharsetEncoder encoder =
        StandardCharsets.UTF_8
            .newEncoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    encoder.encode(CharBuffer.wrap(text), encoded, true);
    encoder.flush(encoded);
    byte[] content = Arrays.copyOf(encoded.array(), encoded.position());
    Arrays.fill(encoded.array(), (byte) 0);
    return new Secret(content);
  }

  /**
   * Returns the secret itself, not a copy.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  public synchronized byte[] bytes() {
    requireOpen();
    return content;
  }

  /**
   * Returns the secret read as UTF-8, in a new array that {@link #close()} wipes.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  public synchronized char[] chars() {
    requireOpen();
    CharBuffer decoded = CharBuffer.allocate(content.length);
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    decoder.decode(ByteBuffer.wrap(content), decoded, true);
    decoder.flush(decoded);
    char[] text = Arrays.copyOf(decoded.array(), decoded.position());
    Arrays.fill(decoded.array(), '\0');
    given.add(text);
    return text;
  }

  /** Wipes the secret. Does nothing the second time. */
  @Override
  public synchronized void close() {
    closed = true;
    Arrays.fill(content, (byte) 0);
    given.forEach(text -> Arrays.fill(text, '\0'));
    given.clear();
  }

  /** Compares in a time that does not depend on the content; closed secrets equal nothing else. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    return other instanceof Secret secret && same(copy(), secret.copy());
  }

  /** Returns the same for all secrets: a digest would tell something of the content. */
  @Override
  public int hashCode() {
    return Secret.class.hashCode();
  }

  @Override
  public String toString() {
    return "a secret";
  }

  private synchronized byte @Nullable [] copy() {
    return closed ? null : content.clone();
  }

  private static boolean same(byte @Nullable [] one, byte @Nullable [] other) {
    boolean same = one != null && other != null && MessageDigest.isEqual(one, other);
    if (one != null) {
      Arrays.fill(one, (byte) 0);
    }
    if (other != null) {
      Arrays.fill(other, (byte) 0);
    }
    return same;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the secret was closed");
    }
  }
}
