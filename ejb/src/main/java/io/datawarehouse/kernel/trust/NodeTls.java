package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * This node's side of mutual TLS: the certificate that it shows, in memory only, and the judgement
 * on those of others. Thread-safe; handshakes read a snapshot and never wait for a renewal.
 *
 * <p>A certificate names its node by an identity, not by a host: whoever connects compares {@link
 * #peer} with whom it wanted. The identity is sealed, so that a stranger who connects, and is shown
 * the certificate before it has shown anything itself, learns nothing from it.
 *
 * <p>A peer is judged in each handshake. {@link #sslContext()} takes up no earlier session, as that
 * would pass by the judgement; whoever builds TLS otherwise keeps to {@link TlsSessions}, and
 * judges once more by {@link #peer}. Who shows no certificate, or does not speak TLS 1.3 at all,
 * comes before no judge: whoever accepts connections tells by {@link #failed} of handshakes that
 * fail.
 */
public final class NodeTls implements TlsMaterial {

  /** The life of a certificate where nothing else is set. */
  public static final Duration STANDARD_LIFE = Duration.ofHours(24);

  /** The shortest life that can be set. */
  public static final Duration SHORTEST_LIFE = Duration.ofMinutes(1);

  /** The longest life that can be set. */
  public static final Duration LONGEST_LIFE = Duration.ofDays(90);

  private static final System.Logger LOG = System.getLogger(NodeTls.class.getName());
  private static final int REMEMBERED_CREDENTIALS = 8;
  private static final String REFUSED = "cluster.trust.refused";

  /**
   * What it works with.
   *
   * @param clusterName the cluster's name, 1 to 100 characters
   * @param nodeId this node
   * @param names how its certificate names the node; certificates of others are read either way
   * @param life how long a certificate is good, {@link #SHORTEST_LIFE} to {@link #LONGEST_LIFE}
   * @param tokens the join tokens
   * @param clock gives the times
   * @param random makes keys
   * @param metrics counts
   * @param audit is told what was refused
   */
  public record Options(
      String clusterName,
      NodeId nodeId,
      CertificateNames names,
      Duration life,
      JoinTokens tokens,
      Clock clock,
      SecureRandom random,
      Metrics metrics,
      AuditLog audit) {

    /** Checks; the error names the field. */
    public Options {
      if (life.compareTo(SHORTEST_LIFE) < 0 || life.compareTo(LONGEST_LIFE) > 0) {
        throw WarehouseException.invalid("life", life, "use 1 minute to 90 days");
      }
    }
  }

  /**
   * What is in force at one moment. Immutable.
   *
   * @param tokens the tokens that it was made of
   * @param accepted their authorities, in the same order
   * @param credentials what the node shows, then what it showed before: a handshake that is under
   *     way still asks for that
   */
  record State(
      List<JoinToken> tokens, List<ClusterAuthority> accepted, List<NodeCredential> credentials) {

    NodeCredential current() {
      return credentials.get(0);
    }
  }

  private final Options options;
  private final NodeIdentity identity;
  private final CertificateJudge judge;
  private final Refusals refusals;

  /** News of another kind: whoever scans ports must not push out what is told of certificates. */
  private final Refusals strangers;

  private final Metrics.Counter issued;
  private final X509ExtendedKeyManager keyManager;
  private final X509ExtendedTrustManager trustManager;
  private final SSLContext sslContext;

  /** Replaced as a whole by the one thread that renews. */
  private volatile State state;

  /** Makes the first certificate from the tokens as they are. */
  public NodeTls(Options options) {
    this.options = options;
    this.identity = new NodeIdentity(options.clusterName(), options.nodeId());
    this.judge = new CertificateJudge(options.clusterName(), options.clock());
    Metrics metrics = options.metrics();
    this.refusals =
        new Refusals("tls", options.audit(), metrics, REFUSED, CertificateJudge.REFUSALS);
    this.strangers =
        new Refusals(
            "handshake",
            options.audit(),
            metrics,
            REFUSED,
            EnumSet.of(Refusal.NO_CERTIFICATE, Refusal.HANDSHAKE));
    this.issued =
        metrics.counter(
            "cluster.trust.issued", "Certificates that this node made for itself", Map.of());
    this.state = stateOf(options.tokens().accepted(), List.of());
    this.keyManager = new NodeKeyManager(() -> state);
    this.trustManager = new NodeTrustManager(this::admit);
    this.sslContext = NodeSslContext.of(keyManager, trustManager, options.random());
    metrics.gauge(
        "cluster.trust.certificate.remaining.seconds",
        "How long this node's certificate is still good",
        Map.of(),
        () -> Duration.between(options.clock().instant(), state.current().until()).toSeconds());
    metrics.gauge(
        "cluster.trust.tokens",
        "Join tokens that this node accepts",
        Map.of(),
        () -> state.accepted().size());
  }

  @Override
  public X509ExtendedKeyManager keyManager() {
    return keyManager;
  }

  @Override
  public X509ExtendedTrustManager trustManager() {
    return trustManager;
  }

  /**
   * Returns a context whose sockets and engines speak TLS 1.3 alone, ask clients for a certificate
   * and never take up an earlier session; always the same object.
   */
  public SSLContext sslContext() {
    return sslContext;
  }

  /** Returns until when this node's certificate is good. */
  public Instant until() {
    return state.current().until();
  }

  /**
   * Looks at the join tokens, takes over what changed, and makes a new certificate where the
   * present one has lived two thirds of its life. To be called every few seconds, from a thread
   * that may read a file. Connections stay as they are.
   *
   * @return whether there is a new certificate
   */
  public synchronized boolean renewIfDue() {
    options.tokens().refresh();
    State before = state;
    List<JoinToken> tokens = options.tokens().accepted();
    boolean replaced = tokens != before.tokens();
    if (!replaced && !before.current().due(options.clock().instant())) {
      return false;
    }
    state = stateOf(tokens, before.credentials());
    LOG.log(
        System.Logger.Level.INFO,
        "node {0} has a new certificate, good until {1}, because {2}",
        options.nodeId(),
        state.current().until(),
        replaced ? "the join tokens changed" : "it was time");
    return true;
  }

  private State stateOf(List<JoinToken> tokens, List<NodeCredential> before) {
    List<ClusterAuthority> accepted = tokens.stream().map(ClusterAuthority::of).toList();
    List<NodeCredential> credentials = new ArrayList<>();
    credentials.add(
        NodeCredential.make(
            identity,
            options.names(),
            options.life(),
            accepted,
            options.clock(),
            options.random()));
    before.stream().limit(REMEMBERED_CREDENTIALS - 1).forEach(credentials::add);
    issued.increment();
    return new State(tokens, accepted, List.copyOf(credentials));
  }

  @Override
  public Optional<NodeId> peer(SSLSession session, String from) {
    return admit(chain(session), EnumSet.allOf(CertificateJudge.Purpose.class), from);
  }

  @Override
  public void failed(Throwable failure, String from) {
    FailedHandshake.refusal(failure).ifPresent(refusal -> strangers.add(refusal, "", from));
  }

  private static X509Certificate[] chain(SSLSession session) {
    try {
      Certificate[] shown = session.getPeerCertificates();
      return Arrays.stream(shown)
          .filter(X509Certificate.class::isInstance)
          .toArray(X509Certificate[]::new);
    } catch (SSLPeerUnverifiedException e) {
      return new X509Certificate[0];
    }
  }

  private Optional<NodeId> admit(
      X509Certificate[] chain, Set<CertificateJudge.Purpose> purposes, String from) {
    CertificateJudge.Verdict verdict = judge.judge(chain, purposes, state.accepted());
    if (verdict instanceof CertificateJudge.Verdict.Admitted admitted) {
      return Optional.of(admitted.nodeId());
    }
    if (verdict instanceof CertificateJudge.Verdict.Refused refused) {
      refusals.add(refused.refusal(), refused.who(), from);
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return "NodeTls of " + options.nodeId();
  }
}
