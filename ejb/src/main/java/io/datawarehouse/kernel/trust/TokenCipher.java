package io.datawarehouse.kernel.trust;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals bytes for whoever has a token: AES-256-GCM (NIST SP 800-38D) with a key that is derived
 * from the token for one purpose, and a random nonce in front. Immutable.
 */
final class TokenCipher {

  /** By how many bytes what is sealed is longer. */
  static final int ADDED_BYTES = 28;

  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;

  private TokenCipher(SecretKeySpec key) {
    this.key = key;
  }

  /** Returns the cipher of a token for a purpose. */
  static TokenCipher of(JoinToken token, String purpose) {
    byte[] derived = token.derive(purpose, KEY_BYTES);
    try {
      return new TokenCipher(new SecretKeySpec(derived, "AES"));
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }

  /** Seals; who opens it has to know what it is bound to. */
  byte[] seal(byte[] open, byte[] boundTo, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] closed = cipher(Cipher.ENCRYPT_MODE, nonce, boundTo).doFinal(open);
      byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + closed.length);
      System.arraycopy(closed, 0, sealed, NONCE_BYTES, closed.length);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + CIPHER, e);
    }
  }

  /** Opens; empty where it was not sealed by this or is bound to something else. */
  Optional<byte[]> open(byte[] sealed, byte[] boundTo) {
    if (sealed.length < ADDED_BYTES) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
    try {
      return Optional.of(
          cipher(Cipher.DECRYPT_MODE, nonce, boundTo)
              .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private Cipher cipher(int mode, byte[] nonce, byte[] boundTo) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(boundTo);
    return cipher;
  }

  @Override
  public String toString() {
    return "a cipher of a join token";
  }
}
