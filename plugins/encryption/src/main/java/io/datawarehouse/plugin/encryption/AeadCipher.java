package io.datawarehouse.plugin.encryption;

import java.security.NoSuchAlgorithmException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/** The ciphers, all with keys of 32 bytes, nonces of 12 and tags of 16. */
enum AeadCipher {
  /** AES-256 in Galois/Counter Mode. */
  AES_GCM("aes-gcm", "AES/GCM/NoPadding", "AES") {
    @Override
    AlgorithmParameterSpec parameters(byte[] nonce) {
      return new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce);
    }
  },
  /** ChaCha20-Poly1305 (RFC 8439), for processors that do not help with AES. */
  CHACHA20_POLY1305("chacha20-poly1305", "ChaCha20-Poly1305", "ChaCha20") {
    @Override
    AlgorithmParameterSpec parameters(byte[] nonce) {
      return new IvParameterSpec(nonce);
    }
  };

  static final int KEY_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  private final String id;
  private final String transformation;
  private final String keyAlgorithm;

  AeadCipher(String id, String transformation, String keyAlgorithm) {
    this.id = id;
    this.transformation = transformation;
    this.keyAlgorithm = keyAlgorithm;
  }

  abstract AlgorithmParameterSpec parameters(byte[] nonce);

  String id() {
    return id;
  }

  String keyAlgorithm() {
    return keyAlgorithm;
  }

  Cipher open() {
    try {
      return Cipher.getInstance(transformation);
    } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
      throw new IllegalStateException("this Java has no " + transformation, e);
    }
  }
}
