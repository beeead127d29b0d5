package io.datawarehouse.kernel.trust;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The authority that stands behind certificates of nodes: a key pair on P-256 that follows from a
 * join token alone, so that every holder of the token is the authority, and nobody else. Immutable;
 * never shows its private key.
 *
 * <p>The key: 40 bytes are derived from the token with HKDF-SHA256 (RFC 5869) for the purpose
 * {@value #PURPOSE} and read as a number c, the first byte first; the private key is {@code (c mod
 * (n - 1)) + 1}, n being the order of the curve; the public key is that multiple of the base point.
 * These are the extra random bits of FIPS 186-5, A.2.1: 64 bits more than n has make the bias less
 * than 2<sup>-64</sup>. Whoever changes any of this makes the nodes of before strangers.
 *
 * <p>Trust is by the public key: certificates of two holders differ in their bytes and are worth
 * the same. A holder of several tokens certifies the authority of one by that of another, for peers
 * that know only the latter.
 */
final class ClusterAuthority {

  /** The only algorithm that certificates are signed with. */
  static final String SIGNATURE = "SHA256withECDSA";

  private static final String PURPOSE = "authority EC P-256";
  private static final int DERIVED_BYTES = 40;
  private static final int NAME_BYTES = 8;
  private static final int SERIAL_BITS = 126;

  /**
   * How long a certificate is good.
   *
   * @param from from when
   * @param until until when, that moment not included
   */
  record Validity(Instant from, Instant until) {}

  private final PrivateKey privateKey;
  private final ECPublicKey publicKey;
  private final IdentitySeal seal;
  private final X500Name name;

  private ClusterAuthority(PrivateKey privateKey, ECPublicKey publicKey, IdentitySeal seal) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.seal = seal;
    this.name = commonName(fingerprint(publicKey));
  }

  /** Returns the authority of a token. */
  static ClusterAuthority of(JoinToken token) {
    byte[] derived = token.derive(PURPOSE, DERIVED_BYTES);
    try {
      BigInteger order = NodeKeys.P256.getOrder();
      BigInteger scalar =
          new BigInteger(1, derived).mod(order.subtract(BigInteger.ONE)).add(BigInteger.ONE);
      KeyFactory factory = KeyFactory.getInstance("EC");
      return new ClusterAuthority(
          factory.generatePrivate(new ECPrivateKeySpec(scalar, NodeKeys.P256)),
          (ECPublicKey)
              factory.generatePublic(new ECPublicKeySpec(multiple(scalar), NodeKeys.P256)),
          IdentitySeal.of(token));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }

  /** Returns the authority that a key pair is. */
  static ClusterAuthority of(KeyPair pair, IdentitySeal seal) {
    return new ClusterAuthority(pair.getPrivate(), (ECPublicKey) pair.getPublic(), seal);
  }

  private static X500Name commonName(String name) {
    return new X500NameBuilder().addRDN(BCStyle.CN, name).build();
  }

  private static ECPoint multiple(BigInteger scalar) {
    org.bouncycastle.math.ec.ECPoint point =
        new FixedPointCombMultiplier()
            .multiply(CustomNamedCurves.getByName("P-256").getG(), scalar)
            .normalize();
    return new ECPoint(
        point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
  }

  private static String fingerprint(PublicKey key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return HexFormat.of().formatHex(digest, 0, NAME_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Returns what its holders read names in certificates with. */
  IdentitySeal seal() {
    return seal;
  }

  ECPublicKey publicKey() {
    return publicKey;
  }

  /** Returns whether this authority signed a certificate. */
  boolean signed(X509Certificate certificate) {
    return signed(certificate, publicKey);
  }

  /** Returns whether the holder of a key signed a certificate, with the one algorithm allowed. */
  static boolean signed(X509Certificate certificate, PublicKey key) {
    try {
      certificate.verify(key);
      return certificate.getSigAlgName().equals(SIGNATURE);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * Issues a node's certificate. Apart from what is sealed it says when it is good and nothing that
   * tells one node or cluster from another; the name of its subject is random.
   *
   * @param seals for whom the node's identity is sealed; none to write it in the open
   */
  X509Certificate issue(
      NodeIdentity identity,
      List<IdentitySeal> seals,
      PublicKey key,
      Validity validity,
      SecureRandom random) {
    String subject = new BigInteger(SERIAL_BITS, random).toString(Character.MAX_RADIX);
    try {
      JcaX509v3CertificateBuilder builder = builder(commonName(subject), key, validity, random);
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(
                  new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                  }));
      if (seals.isEmpty()) {
        builder.addExtension(Extension.subjectAlternativeName, false, inTheOpen(identity));
      } else {
        builder.addExtension(
            SealedNames.EXTENSION, false, SealedNames.of(identity, seals, key, random));
      }
      return signed(builder, random);
    } catch (CertIOException e) {
      throw new IllegalArgumentException("no certificate can name " + identity, e);
    }
  }

  /** Certifies another authority: whoever accepts this one accepts that one as well. */
  X509Certificate certify(ClusterAuthority other, Validity validity, SecureRandom random) {
    try {
      JcaX509v3CertificateBuilder builder = builder(other.name, other.publicKey, validity, random);
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      return signed(builder, random);
    } catch (CertIOException e) {
      throw new IllegalStateException("constants cannot be encoded", e);
    }
  }

  private JcaX509v3CertificateBuilder builder(
      X500Name subject, PublicKey key, Validity validity, SecureRandom random)
      throws CertIOException {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
            Date.from(validity.from()),
            Date.from(validity.until()),
            subject,
            key);
    JcaX509ExtensionUtils identifiers = extensionUtils();
    builder
        .addExtension(
            Extension.authorityKeyIdentifier,
            false,
            identifiers.createAuthorityKeyIdentifier(publicKey))
        .addExtension(
            Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
    return builder;
  }

  private static JcaX509ExtensionUtils extensionUtils() {
    try {
      return new JcaX509ExtensionUtils();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-1 for identifiers", e);
    }
  }

  private X509Certificate signed(JcaX509v3CertificateBuilder builder, SecureRandom random) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder(SIGNATURE)
                      .setSecureRandom(random)
                      .build(privateKey)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + SIGNATURE, e);
    }
  }

  private static GeneralNames inTheOpen(NodeIdentity identity) {
    return new GeneralNames(
        identity.uris().stream()
            .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
            .toArray(GeneralName[]::new));
  }

  @Override
  public String toString() {
    return name.toString();
  }
}
