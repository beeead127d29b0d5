package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges certificates of nodes. Whether a token stands behind one is looked at first: nothing that
 * a stranger writes into a certificate is looked at further. Immutable.
 */
final class CertificateJudge {

  /** The longest life that a certificate may have, whoever issued it. */
  static final Duration LONGEST_LIFE = Duration.ofDays(91);

  /** What the judge may refuse for. */
  static final Set<Refusal> REFUSALS =
      EnumSet.of(
          Refusal.MALFORMED,
          Refusal.UNKNOWN_AUTHORITY,
          Refusal.EXPIRED,
          Refusal.NOT_YET_VALID,
          Refusal.TOO_LONG_LIVED,
          Refusal.WRONG_PURPOSE,
          Refusal.WRONG_CLUSTER,
          Refusal.WRONG_IDENTITY);

  private static final int DIGITAL_SIGNATURE = 0;
  private static final int CERTIFICATE_SIGNATURE = 5;

  /** What a certificate can be good for. */
  enum Purpose {
    CLIENT("1.3.6.1.5.5.7.3.2"),
    SERVER("1.3.6.1.5.5.7.3.1");

    private final String object;

    Purpose(String object) {
      this.object = object;
    }
  }

  /** What a certificate is worth. Immutable. */
  sealed interface Verdict {

    /** It is good, and names that node. */
    record Admitted(NodeId nodeId) implements Verdict {}

    /** It is not; whose it is, is empty where nothing proves that. */
    record Refused(Refusal refusal, String who) implements Verdict {}
  }

  private final String clusterName;
  private final Clock clock;

  CertificateJudge(String clusterName, Clock clock) {
    this.clusterName = clusterName;
    this.clock = clock;
  }

  /** Judges a chain, the node's own certificate first. */
  Verdict judge(
      X509Certificate @Nullable [] chain, Set<Purpose> purposes, List<ClusterAuthority> accepted) {
    if (chain == null
        || chain.length == 0
        || chain.length > JoinTokens.MOST_TOKENS
        || Arrays.asList(chain).contains(null)) {
      return new Verdict.Refused(Refusal.MALFORMED, "");
    }
    try {
      return judgeWhole(chain, purposes, accepted);
    } catch (RuntimeException e) {
      // What parses a stranger's bytes may stumble over them: that is the stranger's fault.
      return new Verdict.Refused(Refusal.MALFORMED, "");
    }
  }

  private Verdict judgeWhole(
      X509Certificate[] chain, Set<Purpose> purposes, List<ClusterAuthority> accepted) {
    X509Certificate own = chain[0];
    Optional<X509Certificate> link = Optional.empty();
    if (accepted.stream().noneMatch(authority -> authority.signed(own))) {
      link = link(chain, accepted);
      if (link.isEmpty()) {
        return new Verdict.Refused(Refusal.UNKNOWN_AUTHORITY, "");
      }
    }
    Optional<NodeIdentity> identity = identity(own, accepted);
    if (identity.isEmpty()) {
      return new Verdict.Refused(Refusal.WRONG_IDENTITY, "");
    }
    NodeIdentity named = identity.get();
    Optional<Refusal> late = link.flatMap(this::untimely);
    return flaw(own, purposes)
        .or(() -> late)
        .or(() -> named.clusterName().equals(clusterName) ? none() : some(Refusal.WRONG_CLUSTER))
        .<Verdict>map(refusal -> new Verdict.Refused(refusal, "node " + named.nodeId()))
        .orElseGet(() -> new Verdict.Admitted(named.nodeId()));
  }

  /** Reads whom a certificate names, sealed or, as nodes of before write it, in the open. */
  static Optional<NodeIdentity> identity(X509Certificate own, List<ClusterAuthority> accepted) {
    return SealedNames.in(own)
        ? SealedNames.read(own, accepted.stream().map(ClusterAuthority::seal).toList())
        : NodeIdentity.of(own);
  }

  /** Finds what ties the first certificate to an accepted authority where none signed it. */
  private static Optional<X509Certificate> link(
      X509Certificate[] chain, List<ClusterAuthority> accepted) {
    return Arrays.stream(chain)
        .skip(1)
        .filter(link -> accepted.stream().anyMatch(authority -> authority.signed(link)))
        .filter(CertificateJudge::certifies)
        .filter(link -> ClusterAuthority.signed(chain[0], link.getPublicKey()))
        .findFirst();
  }

  private static boolean certifies(X509Certificate link) {
    return link.getBasicConstraints() >= 0
        && uses(link, CERTIFICATE_SIGNATURE)
        && !link.hasUnsupportedCriticalExtension();
  }

  private Optional<Refusal> flaw(X509Certificate own, Set<Purpose> purposes) {
    if (own.getVersion() != 3
        || own.hasUnsupportedCriticalExtension()
        || own.getBasicConstraints() >= 0) {
      return some(Refusal.MALFORMED);
    }
    return untimely(own).or(() -> serves(own, purposes) ? none() : some(Refusal.WRONG_PURPOSE));
  }

  private Optional<Refusal> untimely(X509Certificate certificate) {
    Instant now = clock.instant();
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      return some(Refusal.NOT_YET_VALID);
    }
    if (!now.isBefore(until)) {
      return some(Refusal.EXPIRED);
    }
    return Duration.between(from, until).compareTo(LONGEST_LIFE) > 0
        ? some(Refusal.TOO_LONG_LIVED)
        : none();
  }

  private static boolean serves(X509Certificate own, Set<Purpose> purposes) {
    try {
      List<String> extended = own.getExtendedKeyUsage();
      return uses(own, DIGITAL_SIGNATURE)
          && extended != null
          && purposes.stream().allMatch(purpose -> extended.contains(purpose.object));
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private static boolean uses(X509Certificate certificate, int bit) {
    boolean[] usage = certificate.getKeyUsage();
    return usage != null && usage[bit];
  }

  private static Optional<Refusal> some(Refusal refusal) {
    return Optional.of(refusal);
  }

  private static Optional<Refusal> none() {
    return Optional.empty();
  }
}
