package io.datawarehouse.sdk.transform;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.Set;

/**
 * One way to transform content: a compression or a cipher. Thread-safe; the encoders and decoders
 * that it makes are each confined to one thread at a time.
 *
 * <p>A transformer MUST: (1) decode what any earlier release of it encoded, with the same id; (2)
 * give the same bytes back, or throw {@code BLOB_CORRUPT}, never others where it can tell; (3) keep
 * nothing of one frame for the next, so that frames can be decoded alone and in any order; (4) as
 * an encryption, authenticate the frame together with {@link FramePlace#associatedData()}, and use
 * every pair of key and nonce once: the kernel gives each version of each blob a key of its own,
 * and every frame of it another {@link FramePlace#number()}.
 */
public interface ContentTransformer {

  /** The capability: all that are installed can be named in pipelines. */
  CapabilityKey<ContentTransformer> CAPABILITY =
      CapabilityKey.of("content-transformer", ContentTransformer.class, Cardinality.MULTI);

  /** What a transformer is for. In a pipeline compressions come first, then one encryption. */
  enum Kind {
    /** Makes frames shorter. The kernel keeps a frame as it was where it does not. */
    COMPRESSION,
    /** Makes frames unreadable, and unchangeable, without the key. */
    ENCRYPTION
  }

  /**
   * Returns the name under which pipelines and manifests know it: lower-case letters, digits and
   * {@code -}. It never changes.
   */
  String id();

  /** Returns what it is for. */
  Kind kind();

  /**
   * Returns the ways in which it can be told to encode, for example levels: for {@code 9} a
   * pipeline may name {@code id-9}. Decoding does not depend on them. Often empty.
   */
  Set<String> variants();

  /**
   * Returns the most bytes that encoding so many can give. Constant for the same length.
   *
   * @param length 0 or more
   */
  int mostEncodedBytes(int length);

  /** Makes an encoder; the caller closes it. Called for every content, so it should be cheap. */
  FrameEncoder newEncoder(StageOptions options);

  /** Makes a decoder; the caller closes it. Called for every content, so it should be cheap. */
  FrameDecoder newDecoder(StageOptions options);
}
