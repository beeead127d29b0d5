package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.message.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Wraps keys with keys: AES-256-GCM, a random nonce each time. A wrapping is a byte for its form,
 * the nonce, the encrypted key and the tag. Stateless.
 */
final class KeyWrapping {

  private static final byte FORM = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;
  private static final int OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES;
  private static final String ALGORITHM = "AES/GCM/NoPadding";

  private KeyWrapping() {}

  /** Returns what a wrapping is bound to: a purpose and what names the place, each unambiguous. */
  static Bytes place(String purpose, Bytes... parts) {
    byte[] name = purpose.getBytes(StandardCharsets.UTF_8);
    int length = Integer.BYTES + name.length;
    for (Bytes part : parts) {
      length += Integer.BYTES + part.size();
    }
    ByteBuffer whole = ByteBuffer.allocate(length).putInt(name.length).put(name);
    for (Bytes part : parts) {
      whole.putInt(part.size()).put(part.asByteBuffer());
    }
    return Bytes.copyOf(whole.flip());
  }

  /** Wraps material; the arrays stay the caller's. */
  static Bytes wrap(byte[] key, byte[] material, Bytes place, SecureRandom random) {
    byte[] wrapping = new byte[OVERHEAD + material.length];
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    wrapping[0] = FORM;
    System.arraycopy(nonce, 0, wrapping, 1, NONCE_BYTES);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, place);
      cipher.doFinal(material, 0, material.length, wrapping, 1 + NONCE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
    return Bytes.copyOf(wrapping);
  }

  /** Unwraps material; empty where the wrapping was not made with that key for that place. */
  static Optional<byte[]> unwrap(byte[] key, Bytes wrapping, Bytes place) {
    byte[] whole = wrapping.toArray();
    if (whole.length <= OVERHEAD || whole[0] != FORM) {
      return Optional.empty();
    }
    byte[] nonce = new byte[NONCE_BYTES];
    System.arraycopy(whole, 1, nonce, 0, NONCE_BYTES);
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, place);
      return Optional.of(cipher.doFinal(whole, 1 + NONCE_BYTES, whole.length - 1 - NONCE_BYTES));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, Bytes place)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(ALGORITHM);
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
    cipher.updateAAD(place.asByteBuffer());
    return cipher;
  }
}
