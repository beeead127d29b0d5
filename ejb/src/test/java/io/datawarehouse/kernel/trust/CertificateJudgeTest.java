package io.datawarehouse.kernel.trust;

import static java.util.Locale.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.trust.CertificateJudge.Purpose;
import io.datawarehouse.kernel.trust.CertificateJudge.Verdict;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

class CertificateJudgeTest {

  private static final String CLUSTER = "warehouse";
  private static final Set<Purpose> ALL = EnumSet.allOf(Purpose.class);

  private final ManualClock clock = new ManualClock();
  private final SecureRandom random = new SecureRandom();
  private final ClusterAuthority authority = ClusterAuthority.of(JoinToken.random(random));
  private final CertificateJudge judge = new CertificateJudge(CLUSTER, clock);

  @Test
  void aCertificateOfTheAuthorityIsAdmitted() {
    assertThat(judge(credential(authority))).isEqualTo(new Verdict.Admitted(new NodeId("node-1")));
  }

  @Test
  void aCertificateTellsNobodyElseWhomItNames() throws Exception {
    X509Certificate[] chain =
        credential(authority, ClusterAuthority.of(JoinToken.random(random))).chain();

    assertThat(chain[0].getSubjectAlternativeNames()).isNull();
    assertThat(chain[0].getBasicConstraints()).isEqualTo(-1);
    for (X509Certificate shown : chain) {
      assertThat(new String(shown.getEncoded(), StandardCharsets.ISO_8859_1).toLowerCase(ROOT))
          .doesNotContain("node", CLUSTER, "warehouse");
    }
  }

  @Test
  void certificatesOfOneNodeHaveNothingInCommonButTheAuthority() throws Exception {
    X509Certificate one = credential(authority).chain()[0];
    X509Certificate other = credential(authority).chain()[0];

    assertThat(one.getSubjectX500Principal()).isNotEqualTo(other.getSubjectX500Principal());
    assertThat(one.getSerialNumber()).isNotEqualTo(other.getSerialNumber());
    assertThat(sealedIn(one)).isNotEqualTo(sealedIn(other));
  }

  @Test
  void namesOfAllUsualLengthsAreSealedInTheSameNumberOfBytes() throws Exception {
    KeyPair pair = NodeKeys.generate(random);
    List<Integer> lengths =
        List.of("a", "a-much-longer-name-of-a-node").stream()
            .map(name -> new NodeIdentity(CLUSTER, new NodeId(name)))
            .map(named -> authority.seal().seal(named, pair.getPublic(), random).length)
            .toList();

    assertThat(lengths.get(0)).isEqualTo(lengths.get(1));
  }

  @Test
  void aSealedNameIsWorthNothingInAnotherCertificate() {
    KeyPair one = NodeKeys.generate(random);
    byte[] sealed =
        authority.seal().seal(new NodeIdentity(CLUSTER, new NodeId("a")), one.getPublic(), random);

    assertThat(authority.seal().open(sealed, one.getPublic())).isPresent();
    assertThat(authority.seal().open(sealed, NodeKeys.generate(random).getPublic())).isEmpty();
    assertThat(ClusterAuthority.of(JoinToken.random(random)).seal().open(sealed, one.getPublic()))
        .isEmpty();
    assertThat(authority.seal().open(new byte[3], one.getPublic())).isEmpty();
  }

  @Test
  void aCertificateWithAnUnreadableSealedNameIsRefusedEvenIfItAlsoNamesANodeInTheOpen()
      throws Exception {
    for (ASN1Encodable sealed :
        List.of(
            new DEROctetString(new byte[200]),
            new DERSequence(),
            new DERSequence(new DEROctetString(new byte[200])))) {
      assertRefused(draft(d -> d.sealed = sealed), ALL, Refusal.WRONG_IDENTITY);
    }
  }

  @Test
  void certificatesThatNameTheirNodeInTheOpenAreAdmitted() {
    NodeCredential before =
        NodeCredential.make(
            new NodeIdentity(CLUSTER, new NodeId("node-1")),
            CertificateNames.OPEN,
            Duration.ofHours(1),
            List.of(authority),
            clock,
            random);

    assertThat(judge(before)).isEqualTo(new Verdict.Admitted(new NodeId("node-1")));
  }

  private static byte[] sealedIn(X509Certificate certificate) {
    return certificate.getExtensionValue(SealedNames.EXTENSION.getId());
  }

  @Test
  void clustersMayHaveAnyName() {
    String name = "Entrep\u00f4t n\u00b0 1 / \u6771\u4eac %41";
    CertificateJudge other = new CertificateJudge(name, clock);
    NodeCredential credential =
        NodeCredential.make(
            new NodeIdentity(name, new NodeId("a.b_c-D")),
            CertificateNames.SEALED,
            Duration.ofHours(1),
            List.of(authority),
            clock,
            random);

    assertThat(other.judge(credential.chain(), ALL, List.of(authority)))
        .isEqualTo(new Verdict.Admitted(new NodeId("a.b_c-D")));
    assertRefused(credential, Refusal.WRONG_CLUSTER, "node a.b_c-D");
  }

  @Test
  void anotherAuthorityIsRefusedAndWhatItSaysIsNotBelieved() {
    NodeCredential strange = credential(ClusterAuthority.of(JoinToken.random(random)));

    assertRefused(strange, Refusal.UNKNOWN_AUTHORITY, "");
  }

  @Test
  void aSelfSignedCertificateIsRefused() throws Exception {
    KeyPair pair = NodeKeys.generate(random);
    X509Certificate own = new Draft(pair).signedBy(pair);

    assertThat(judge.judge(chain(own), ALL, List.of(authority)))
        .isEqualTo(new Verdict.Refused(Refusal.UNKNOWN_AUTHORITY, ""));
    assertThat(judge.judge(chain(own, own), ALL, List.of(authority)))
        .isEqualTo(new Verdict.Refused(Refusal.UNKNOWN_AUTHORITY, ""));
  }

  @Test
  void aCertificateIsGoodFromABitBeforeItWasMadeToTheEndOfItsLife() {
    Instant now = clock.instant();
    NodeCredential credential = credential(authority);

    clock.set(now.minus(NodeCredential.EARLINESS));
    assertThat(judge(credential)).isInstanceOf(Verdict.Admitted.class);
    clock.set(now.minus(NodeCredential.EARLINESS).minusMillis(1));
    assertRefused(credential, Refusal.NOT_YET_VALID, "node node-1");
    clock.set(now.plus(Duration.ofHours(1)).minusMillis(1));
    assertThat(judge(credential)).isInstanceOf(Verdict.Admitted.class);
    clock.set(now.plus(Duration.ofHours(1)));
    assertRefused(credential, Refusal.EXPIRED, "node node-1");
  }

  @Test
  void anAuthorityThatAnAcceptedOneCertifiedIsAccepted() {
    ClusterAuthority fresh = ClusterAuthority.of(JoinToken.random(random));
    NodeCredential both = credential(fresh, authority);

    assertThat(judge(both)).isInstanceOf(Verdict.Admitted.class);
    assertThat(judge.judge(both.chain(), ALL, List.of(fresh))).isInstanceOf(Verdict.Admitted.class);
    assertRefused(both.chain(), List.of(ClusterAuthority.of(JoinToken.random(random))));
    clock.advance(Duration.ofHours(1));
    assertRefused(both, Refusal.EXPIRED, "node node-1");
  }

  @Test
  void aNodesCertificateCertifiesNobody() throws Exception {
    KeyPair node = NodeKeys.generate(random);
    X509Certificate own =
        authority.issue(
            new NodeIdentity(CLUSTER, new NodeId("node-1")),
            List.of(),
            node.getPublic(),
            validity(),
            random);
    X509Certificate made = new Draft(NodeKeys.generate(random)).signedBy(node);

    assertThat(judge.judge(chain(made, own), ALL, List.of(authority)))
        .isEqualTo(new Verdict.Refused(Refusal.UNKNOWN_AUTHORITY, ""));
  }

  @Test
  void theCertificateOfAnAuthorityIsNoNodes() {
    ClusterAuthority other = ClusterAuthority.of(JoinToken.random(random));
    X509Certificate link = authority.certify(other, validity(), random);

    assertThat(judge.judge(chain(link), ALL, List.of(authority)))
        .isEqualTo(new Verdict.Refused(Refusal.WRONG_IDENTITY, ""));
  }

  @Test
  void eachPurposeIsLookedAt() throws Exception {
    Draft draft = new Draft(NodeKeys.generate(random));
    draft.purposes = new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth};
    X509Certificate own = draft.signedByAuthority();

    assertThat(judge.judge(chain(own), EnumSet.of(Purpose.CLIENT), List.of(known())))
        .isInstanceOf(Verdict.Admitted.class);
    assertRefused(own, EnumSet.of(Purpose.SERVER), Refusal.WRONG_PURPOSE);
    assertRefused(own, ALL, Refusal.WRONG_PURPOSE);
  }

  @Test
  void certificatesThatAreMadeWronglyAreRefusedThoughAHolderOfTheTokenMadeThem() throws Exception {
    assertRefused(draft(d -> d.names = List.of()), ALL, Refusal.WRONG_IDENTITY);
    assertRefused(
        draft(
            d ->
                d.names =
                    List.of(
                        "datawarehouse:node:a",
                        "datawarehouse:node:b",
                        "datawarehouse:cluster:warehouse")),
        ALL,
        Refusal.WRONG_IDENTITY);
    assertRefused(
        draft(d -> d.names = List.of("datawarehouse:node:a/b", "datawarehouse:cluster:warehouse")),
        ALL,
        Refusal.WRONG_IDENTITY);
    assertRefused(
        draft(d -> d.names = List.of("datawarehouse:node:a", "datawarehouse:cluster:%zz")),
        ALL,
        Refusal.WRONG_IDENTITY);
    assertRefused(draft(d -> d.authority = true), ALL, Refusal.MALFORMED);
    assertRefused(draft(d -> d.strangeExtension = true), ALL, Refusal.MALFORMED);
    assertRefused(draft(d -> d.usage = KeyUsage.keyAgreement), ALL, Refusal.WRONG_PURPOSE);
    assertRefused(draft(d -> d.purposes = new KeyPurposeId[0]), ALL, Refusal.WRONG_PURPOSE);
    assertRefused(draft(d -> d.life = Duration.ofDays(400)), ALL, Refusal.TOO_LONG_LIVED);
  }

  @Test
  void otherAlgorithmsAreRefused() throws Exception {
    Draft draft = new Draft(NodeKeys.generate(random));
    draft.algorithm = "SHA1withECDSA";
    assertRefused(draft.signedByAuthority(), ALL, Refusal.UNKNOWN_AUTHORITY);

    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(2048);
    KeyPair pair = rsa.generateKeyPair();
    draft.algorithm = "SHA256withRSA";
    assertRefused(draft.signedBy(pair), ALL, Refusal.UNKNOWN_AUTHORITY);
  }

  @Test
  void noChainAndStrangeChainsAreMalformed() {
    X509Certificate own = credential(authority).chain()[0];

    for (X509Certificate[] chain :
        new X509Certificate[][] {
          null, {}, {null}, {own, null}, {own, own, own, own, own},
        }) {
      assertThat(judge.judge(chain, ALL, List.of(authority)))
          .isEqualTo(new Verdict.Refused(Refusal.MALFORMED, ""));
    }
  }

  @Test
  void changedBytesNeverMakeACertificateGood() throws Exception {
    long seed = 20_260_102;
    Random fuzz = new Random(seed);
    X509Certificate own = credential(authority).chain()[0];
    byte[] good = own.getEncoded();
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    int read = 0;
    for (int round = 0; round < 600; round++) {
      byte[] bytes = good.clone();
      for (int change = 0; change <= fuzz.nextInt(3); change++) {
        int at = fuzz.nextInt(bytes.length);
        bytes[at] = (byte) (bytes[at] + 1 + fuzz.nextInt(255));
      }
      X509Certificate changed;
      try {
        changed = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
      } catch (CertificateException e) {
        continue;
      }
      if (changed.equals(own)) {
        continue;
      }
      read++;
      assertThat(judge.judge(chain(changed), ALL, List.of(authority)))
          .as("seed %d, round %d", seed, round)
          .isInstanceOf(Verdict.Refused.class);
    }
    assertThat(read).isGreaterThan(100);
  }

  // ---- drafts --------------------------------------------------------------------------------

  /** The pair that stands for an authority whose private key the test holds. */
  private final KeyPair authorityPair = NodeKeys.generate(random);

  private final IdentitySeal seal = IdentitySeal.of(JoinToken.random(random));

  private interface Change {
    void make(Draft draft);
  }

  private X509Certificate draft(Change change) throws Exception {
    Draft draft = new Draft(NodeKeys.generate(random));
    change.make(draft);
    return draft.signedByAuthority();
  }

  private final class Draft {
    final KeyPair pair;
    List<String> names = List.of("datawarehouse:node:node-1", "datawarehouse:cluster:warehouse");
    KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
    int usage = KeyUsage.digitalSignature;
    Duration life = Duration.ofHours(1);
    String algorithm = ClusterAuthority.SIGNATURE;
    boolean authority;
    boolean strangeExtension;
    ASN1Encodable sealed;

    Draft(KeyPair pair) {
      this.pair = pair;
    }

    X509Certificate signedByAuthority() throws Exception {
      return signedBy(authorityPair);
    }

    X509Certificate signedBy(KeyPair signer) throws Exception {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=authority"),
              BigInteger.TEN,
              Date.from(clock.instant()),
              Date.from(clock.instant().plus(life)),
              new X500Name("CN=node-1"),
              pair.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      if (purposes.length > 0) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      }
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                names.stream()
                    .map(name -> new GeneralName(GeneralName.uniformResourceIdentifier, name))
                    .toArray(GeneralName[]::new)));
      }
      if (sealed != null) {
        builder.addExtension(SealedNames.EXTENSION, false, sealed);
      }
      if (strangeExtension) {
        builder.addExtension(
            new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), true, new DEROctetString(new byte[1]));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate())));
    }
  }

  /** The authority of {@link #authorityPair}. */
  private ClusterAuthority known() throws GeneralSecurityException {
    return ClusterAuthority.of(authorityPair, seal);
  }

  private void assertRefused(X509Certificate own, Set<Purpose> purposes, Refusal refusal)
      throws GeneralSecurityException {
    assertThat(judge.judge(chain(own), purposes, List.of(known())))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, refused -> assertThat(refused.refusal()).isEqualTo(refusal));
  }

  private void assertRefused(X509Certificate[] chain, List<ClusterAuthority> accepted) {
    assertThat(judge.judge(chain, ALL, accepted))
        .isEqualTo(new Verdict.Refused(Refusal.UNKNOWN_AUTHORITY, ""));
  }

  private void assertRefused(NodeCredential credential, Refusal refusal, String who) {
    assertThat(judge(credential)).isEqualTo(new Verdict.Refused(refusal, who));
  }

  private Verdict judge(NodeCredential credential) {
    return judge.judge(credential.chain(), ALL, List.of(authority));
  }

  private NodeCredential credential(ClusterAuthority... authorities) {
    return NodeCredential.make(
        new NodeIdentity(CLUSTER, new NodeId("node-1")),
        CertificateNames.SEALED,
        Duration.ofHours(1),
        List.of(authorities),
        clock,
        random);
  }

  private ClusterAuthority.Validity validity() {
    return new ClusterAuthority.Validity(
        clock.instant(), clock.instant().plus(Duration.ofHours(1)));
  }

  private static X509Certificate[] chain(X509Certificate... chain) {
    return chain;
  }
}
