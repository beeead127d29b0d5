package io.datawarehouse.plugin.encryption;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.FrameDecoder;
import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts the frames of a content by the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár,
 * 2015): the nonce of a frame is its number and whether it is the last, under a key that no other
 * content has. What is stored is the encrypted frame and its tag. Thread-safe.
 */
final class StreamTransformer implements ContentTransformer {

  private static final int NUMBER_AT = AeadCipher.NONCE_BYTES - Long.BYTES - 1;

  private final AeadCipher algorithm;

  StreamTransformer(AeadCipher algorithm) {
    this.algorithm = algorithm;
  }

  @Override
  public String id() {
    return algorithm.id();
  }

  @Override
  public Kind kind() {
    return Kind.ENCRYPTION;
  }

  @Override
  public Set<String> variants() {
    return Set.of();
  }

  @Override
  public int mostEncodedBytes(int length) {
    return length + AeadCipher.TAG_BYTES;
  }

  @Override
  public FrameEncoder newEncoder(StageOptions options) {
    return new Encoder(algorithm, options.key());
  }

  @Override
  public FrameDecoder newDecoder(StageOptions options) {
    return new Decoder(algorithm, options.key());
  }

  /** One cipher that is begun anew for every frame. Confined to one thread. */
  private abstract static class FrameCipher {

    private final AeadCipher algorithm;
    private final int mode;
    private final Cipher cipher;
    private final SecretKeySpec key;

    FrameCipher(AeadCipher algorithm, int mode, byte[] key) {
      if (key.length != AeadCipher.KEY_BYTES) {
        throw new IllegalArgumentException("a key has " + AeadCipher.KEY_BYTES + " bytes");
      }
      this.algorithm = algorithm;
      this.mode = mode;
      this.cipher = algorithm.open();
      this.key = new SecretKeySpec(key, algorithm.keyAlgorithm());
    }

    final void run(FramePlace place, ByteBuffer source, ByteBuffer target)
        throws GeneralSecurityException {
      try {
        cipher.init(mode, key, algorithm.parameters(nonce(place)));
      } catch (InvalidKeyException | InvalidAlgorithmParameterException e) {
        throw new IllegalStateException("a frame cannot be encrypted twice with one key", e);
      }
      cipher.updateAAD(place.associatedData());
      cipher.doFinal(source, target);
    }

    private static byte[] nonce(FramePlace place) {
      return ByteBuffer.allocate(AeadCipher.NONCE_BYTES)
          .putLong(NUMBER_AT, place.number())
          .put(AeadCipher.NONCE_BYTES - 1, (byte) (place.last() ? 1 : 0))
          .array();
    }
  }

  private static final class Encoder extends FrameCipher implements FrameEncoder {

    Encoder(AeadCipher algorithm, byte[] key) {
      super(algorithm, Cipher.ENCRYPT_MODE, key);
    }

    @Override
    public void encode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      try {
        run(place, source, target);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("a frame could not be encrypted", e);
      }
    }

    @Override
    public void close() {
      // The platform's keys cannot be wiped; they go with this object.
    }
  }

  private static final class Decoder extends FrameCipher implements FrameDecoder {

    Decoder(AeadCipher algorithm, byte[] key) {
      super(algorithm, Cipher.DECRYPT_MODE, key);
    }

    @Override
    public void decode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      if (source.remaining() < AeadCipher.TAG_BYTES
          || source.remaining() - AeadCipher.TAG_BYTES > target.remaining()) {
        throw damaged("it is too short or too long", null);
      }
      try {
        run(place, source, target);
      } catch (AEADBadTagException e) {
        throw damaged("it is not what was encrypted here", e);
      } catch (GeneralSecurityException e) {
        throw damaged("it cannot be decrypted", e);
      }
    }

    private static WarehouseException damaged(String why, @Nullable Exception cause) {
      return new WarehouseException(StandardErrorCode.BLOB_CORRUPT, why, cause);
    }

    @Override
    public void close() {
      // The platform's keys cannot be wiped; they go with this object.
    }
  }
}
