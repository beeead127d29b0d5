package io.datawarehouse.kernel.trust;

import java.io.IOException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/**
 * The extension of a certificate that names its node: the identity, sealed once for each token of
 * whoever issued it, so that a peer that knows any of these reads it. Stateless.
 */
final class SealedNames {

  /** An identifier of the arc for UUIDs (ITU-T X.667): it needs no registration. */
  static final ASN1ObjectIdentifier EXTENSION =
      new ASN1ObjectIdentifier("2.25.287953830826380480040842370314808231957");

  private SealedNames() {}

  /** Returns the extension's value for a certificate of that key. */
  static ASN1Encodable of(
      NodeIdentity identity, List<IdentitySeal> seals, PublicKey holder, SecureRandom random) {
    return new DERSequence(
        seals.stream()
            .map(seal -> new DEROctetString(seal.seal(identity, holder, random)))
            .toArray(ASN1Encodable[]::new));
  }

  /** Returns whether a certificate has the extension. */
  static boolean in(X509Certificate certificate) {
    return certificate.getExtensionValue(EXTENSION.getId()) != null;
  }

  /** Reads whom a certificate names; empty where none of the seals opens it. */
  static Optional<NodeIdentity> read(X509Certificate certificate, List<IdentitySeal> seals) {
    for (byte[] sealed : sealed(certificate)) {
      for (IdentitySeal seal : seals) {
        Optional<NodeIdentity> identity = seal.open(sealed, certificate.getPublicKey());
        if (identity.isPresent()) {
          return identity;
        }
      }
    }
    return Optional.empty();
  }

  private static List<byte[]> sealed(X509Certificate certificate) {
    try {
      ASN1Sequence sequence =
          ASN1Sequence.getInstance(
              JcaX509ExtensionUtils.parseExtensionValue(
                  certificate.getExtensionValue(EXTENSION.getId())));
      if (sequence.size() > JoinTokens.MOST_TOKENS) {
        return List.of();
      }
      List<byte[]> sealed = new ArrayList<>();
      for (ASN1Encodable each : sequence) {
        sealed.add(ASN1OctetString.getInstance(each).getOctets());
      }
      return List.copyOf(sealed);
    } catch (IOException | IllegalArgumentException e) {
      return List.of();
    }
  }
}
