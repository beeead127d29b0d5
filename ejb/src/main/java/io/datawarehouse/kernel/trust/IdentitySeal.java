package io.datawarehouse.kernel.trust;

import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Seals whom a certificate names, so that whoever has the token reads it and all others see random
 * bytes, which differ from one certificate of a node to the next. Bound to the public key of the
 * certificate, so that it is worth nothing in another one. Immutable.
 */
final class IdentitySeal {

  private static final String PURPOSE = "certificate identity AES-256-GCM";

  private final TokenCipher cipher;

  private IdentitySeal(TokenCipher cipher) {
    this.cipher = cipher;
  }

  /** Returns the seal of a token. */
  static IdentitySeal of(JoinToken token) {
    return new IdentitySeal(TokenCipher.of(token, PURPOSE));
  }

  /** Seals whom the certificate of that key names. */
  byte[] seal(NodeIdentity identity, PublicKey holder, SecureRandom random) {
    return cipher.seal(identity.padded(), holder.getEncoded(), random);
  }

  /** Reads whom the certificate of that key names; empty where it was not sealed with this. */
  Optional<NodeIdentity> open(byte[] sealed, PublicKey holder) {
    return cipher.open(sealed, holder.getEncoded()).flatMap(NodeIdentity::ofPadded);
  }

  @Override
  public String toString() {
    return "an identity seal";
  }
}
