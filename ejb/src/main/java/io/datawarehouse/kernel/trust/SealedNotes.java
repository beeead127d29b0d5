package io.datawarehouse.kernel.trust;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Short notes that nodes of one cluster send over a network where anybody listens: all others see
 * random bytes, and what they send is not taken for a note. Thread-safe; never blocks.
 *
 * <p>A note is sealed once for each token of its sender, so that nodes understand each other while
 * tokens are replaced. It is good for two minutes; within these it can be repeated by anybody, so
 * it must ask for nothing that may not be done twice.
 */
public final class SealedNotes {

  /** The longest note. */
  public static final int LONGEST = 128;

  /** The most bytes that a sealed note has. */
  public static final int LONGEST_SEALED =
      JoinTokens.MOST_TOKENS * (LONGEST + Long.BYTES + TokenCipher.ADDED_BYTES) + 1;

  private static final String PURPOSE = "cluster note AES-256-GCM";
  private static final long TOLERANCE_MILLIS = HmacJoinProofs.STANDARD_TOLERANCE.toMillis();

  private record Ciphers(List<JoinToken> tokens, List<TokenCipher> each) {}

  private final byte[] cluster;
  private final JoinTokens tokens;
  private final Clock clock;
  private final SecureRandom random;
  private volatile Ciphers ciphers;

  /** Makes the notes of nodes of a cluster. */
  public SealedNotes(String clusterName, JoinTokens tokens, Clock clock, SecureRandom random) {
    this.cluster = clusterName.getBytes(StandardCharsets.UTF_8);
    this.tokens = tokens;
    this.clock = clock;
    this.random = random;
    this.ciphers = ciphersOf(tokens.accepted());
  }

  /** Seals a note of 1 to {@value #LONGEST} bytes. */
  public byte[] seal(byte[] note) {
    if (note.length < 1 || note.length > LONGEST) {
      throw new IllegalArgumentException("a note of " + note.length + " bytes");
    }
    byte[] dated =
        ByteBuffer.allocate(Long.BYTES + note.length).putLong(clock.millis()).put(note).array();
    List<TokenCipher> all = ciphers().each();
    ByteArrayOutputStream sealed = new ByteArrayOutputStream(LONGEST_SEALED);
    sealed.write(all.size());
    for (TokenCipher cipher : all) {
      sealed.writeBytes(cipher.seal(dated, cluster, random));
    }
    return sealed.toByteArray();
  }

  /** Opens a note; empty where no holder of an accepted token sealed it, or not of late. */
  public Optional<byte[]> open(byte[] sealed) {
    int parts = sealed.length == 0 ? 0 : sealed[0];
    if (parts < 1
        || parts > JoinTokens.MOST_TOKENS
        || sealed.length > LONGEST_SEALED
        || (sealed.length - 1) % parts != 0) {
      return Optional.empty();
    }
    int length = (sealed.length - 1) / parts;
    for (int part = 0; part < parts; part++) {
      int from = 1 + part * length;
      byte[] one = Arrays.copyOfRange(sealed, from, from + length);
      for (TokenCipher cipher : ciphers().each()) {
        Optional<byte[]> dated = cipher.open(one, cluster);
        if (dated.isPresent()) {
          return dated.flatMap(this::fresh);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<byte[]> fresh(byte[] dated) {
    if (dated.length <= Long.BYTES) {
      return Optional.empty();
    }
    long age = clock.millis() - ByteBuffer.wrap(dated).getLong();
    return Math.abs(age) > TOLERANCE_MILLIS
        ? Optional.empty()
        : Optional.of(Arrays.copyOfRange(dated, Long.BYTES, dated.length));
  }

  private Ciphers ciphers() {
    List<JoinToken> accepted = tokens.accepted();
    Ciphers known = ciphers;
    if (known.tokens() != accepted) {
      known = ciphersOf(accepted);
      ciphers = known;
    }
    return known;
  }

  private static Ciphers ciphersOf(List<JoinToken> tokens) {
    return new Ciphers(
        tokens, tokens.stream().map(token -> TokenCipher.of(token, PURPOSE)).toList());
  }

  @Override
  public String toString() {
    return "SealedNotes";
  }
}
