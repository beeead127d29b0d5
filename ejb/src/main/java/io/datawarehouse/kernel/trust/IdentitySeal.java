package io.datawarehouse.kernel.trust;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals whom a certificate names, so that whoever has the token reads it and all others see random
 * bytes, which differ from one certificate of a node to the next. AES-256-GCM (NIST SP 800-38D)
 * with a key derived from the token and a random nonce; bound to the public key of the certificate,
 * so that it is worth nothing in another one. Immutable.
 */
final class IdentitySeal {

  private static final String PURPOSE = "certificate identity AES-256-GCM";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;

  private IdentitySeal(SecretKeySpec key) {
    this.key = key;
  }

  /** Returns the seal of a token. */
  static IdentitySeal of(JoinToken token) {
    byte[] derived = token.derive(PURPOSE, KEY_BYTES);
    try {
      return new IdentitySeal(new SecretKeySpec(derived, "AES"));
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }

  /** Seals whom the certificate of that key names. */
  byte[] seal(NodeIdentity identity, PublicKey holder, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, holder);
      byte[] closed = cipher.doFinal(identity.padded());
      byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + closed.length);
      System.arraycopy(closed, 0, sealed, NONCE_BYTES, closed.length);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + CIPHER, e);
    }
  }

  /** Reads whom the certificate of that key names; empty where it was not sealed with this. */
  Optional<NodeIdentity> open(byte[] sealed, PublicKey holder) {
    if (sealed.length <= NONCE_BYTES) {
      return Optional.empty();
    }
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE_BYTES), holder);
      return NodeIdentity.ofPadded(
          cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private Cipher cipher(int mode, byte[] nonce, PublicKey holder) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(holder.getEncoded());
    return cipher;
  }

  @Override
  public String toString() {
    return "an identity seal";
  }
}
