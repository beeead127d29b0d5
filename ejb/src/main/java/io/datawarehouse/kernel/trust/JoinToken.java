package io.datawarehouse.kernel.trust;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.jspecify.annotations.Nullable;

/**
 * One join token: 256 secret bits that make and judge whatever nodes show each other. Written as
 * {@code dwj1.SECRET.CHECKSUM}: the secret in base64 for URLs, then the CRC-32 of all before the
 * second dot in eight hexadecimal digits, which tells every single wrong character and every swap
 * of two neighbours. Immutable; never shows itself.
 */
final class JoinToken {

  /** How many characters a token has. */
  static final int TEXT_LENGTH = 57;

  private static final byte[] FORM = "dwj1.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SALT =
      "io.datawarehouse cluster trust 1".getBytes(StandardCharsets.US_ASCII);
  private static final int SECRET_BYTES = 32;
  private static final int BODY_LENGTH = 48;

  private final byte[] secret;

  private JoinToken(byte[] secret) {
    this.secret = secret;
  }

  static JoinToken random(SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new JoinToken(secret);
  }

  /** Says why a text is no token; never what it holds. */
  static final class Unusable extends Exception {
    Unusable(String message) {
      super(message);
    }
  }

  /** Reads a token; the array stays the caller's. */
  static JoinToken parse(byte[] text) throws Unusable {
    if (text.length < FORM.length || !Arrays.equals(text, 0, FORM.length, FORM, 0, FORM.length)) {
      throw new Unusable("a join token begins with dwj1.");
    }
    if (text.length != TEXT_LENGTH) {
      throw new Unusable(
          "a join token has %d characters, not %d".formatted(TEXT_LENGTH, text.length));
    }
    if (!MessageDigest.isEqual(tail(text), checksum(text))) {
      throw new Unusable("the checksum of the join token is wrong, perhaps by a typing error");
    }
    byte[] encoded = Arrays.copyOfRange(text, FORM.length, BODY_LENGTH);
    try {
      return new JoinToken(Base64.getUrlDecoder().decode(encoded));
    } catch (IllegalArgumentException e) {
      // No cause: its message quotes what it could not read.
      throw new Unusable("the join token holds a character that none has");
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  /** Returns the token as it is written; the caller wipes it. */
  byte[] text() {
    byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(secret);
    byte[] text = Arrays.copyOf(FORM, TEXT_LENGTH);
    System.arraycopy(encoded, 0, text, FORM.length, encoded.length);
    Arrays.fill(encoded, (byte) 0);
    byte[] checksum = checksum(text);
    System.arraycopy(checksum, 0, text, BODY_LENGTH, checksum.length);
    return text;
  }

  /**
   * Derives a key from the token with HKDF-SHA256 (RFC 5869): the secret is the input, the salt is
   * one for all tokens, the purpose is the info. Keys of different purposes tell nothing of each
   * other nor of the token. The caller wipes the key.
   */
  byte[] derive(String purpose, int length) {
    HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
    generator.init(new HKDFParameters(secret, SALT, purpose.getBytes(StandardCharsets.US_ASCII)));
    byte[] key = new byte[length];
    generator.generateBytes(key, 0, length);
    return key;
  }

  private static byte[] tail(byte[] text) {
    return Arrays.copyOfRange(text, BODY_LENGTH, TEXT_LENGTH);
  }

  private static byte[] checksum(byte[] text) {
    CRC32 sum = new CRC32();
    sum.update(text, 0, BODY_LENGTH);
    return ("." + HexFormat.of().toHexDigits((int) sum.getValue()))
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JoinToken token && MessageDigest.isEqual(secret, token.secret);
  }

  /** Returns the same for all tokens: a digest would tell something of the secret. */
  @Override
  public int hashCode() {
    return JoinToken.class.hashCode();
  }

  @Override
  public String toString() {
    return "a join token";
  }
}
