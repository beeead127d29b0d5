package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proofs by HMAC-SHA256 (RFC 2104) with a key derived from the join token. Thread-safe.
 *
 * <p>A proof is {@code dwp1}, what it says, and one code for each token of its maker, all in base64
 * with dots between: one code that fits one of the tokens here is enough, so that nodes understand
 * each other while tokens are replaced. It says what it is for, the cluster's name, the node, its
 * incarnation, the time, and 128 random bits.
 *
 * <p>Whether a token stands behind a proof is looked at before anything else of it is believed or
 * remembered. Which proofs were used is remembered in bounded room; what a flood does is said at
 * {@link UsedProofs}.
 */
public final class HmacJoinProofs implements JoinProofs {

  /** How far apart clocks may be where nothing else is set. */
  public static final Duration STANDARD_TOLERANCE = Duration.ofMinutes(2);

  private static final String FORM = "dwp1";
  private static final String ALGORITHM = "HmacSHA256";
  private static final String KEY_PURPOSE = "join proof HMAC-SHA256";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 16;
  private static final int LONGEST_PROOF = 1024;
  private static final int LONGEST_PURPOSE = 40;
  private static final int MOST_PROOFS = 1 << 16;
  private static final int MOST_NODES = 1 << 12;
  private static final Duration SHORTEST_TOLERANCE = Duration.ofSeconds(1);
  private static final Duration LONGEST_TOLERANCE = Duration.ofHours(1);

  /**
   * What it works with.
   *
   * @param clusterName the cluster's name, 1 to 100 characters
   * @param nodeId this node
   * @param incarnation which run of it this is, at least 1
   * @param tolerance how far apart clocks may be, 1 second to 1 hour
   * @param tokens the join tokens
   * @param clock gives the time
   * @param random makes what a proof is told from others by
   * @param metrics counts
   * @param audit is told what was refused
   */
  public record Options(
      String clusterName,
      NodeId nodeId,
      long incarnation,
      Duration tolerance,
      JoinTokens tokens,
      Clock clock,
      SecureRandom random,
      Metrics metrics,
      AuditLog audit) {

    /** Checks; the error names the field. */
    public Options {
      if (incarnation < 1) {
        throw WarehouseException.invalid("incarnation", incarnation, "must be at least 1");
      }
      if (tolerance.compareTo(SHORTEST_TOLERANCE) < 0
          || tolerance.compareTo(LONGEST_TOLERANCE) > 0) {
        throw WarehouseException.invalid("tolerance", tolerance, "use 1 second to 1 hour");
      }
    }
  }

  /** What a proof says. */
  private record Claim(
      String purpose,
      String clusterName,
      String nodeId,
      long incarnation,
      long time,
      long nonceHigh,
      long nonceLow) {

    UsedProofs.Use use() {
      return new UsedProofs.Use(time, nonceHigh, nonceLow);
    }
  }

  /** The keys of the tokens that were in force when they were derived. */
  private record Keys(List<JoinToken> tokens, List<SecretKeySpec> keys) {}

  private final Options options;
  private final NodeIdentity self;
  private final UsedProofs used;
  private final Refusals refusals;
  private volatile Keys keys;

  /** Makes the proofs of a node. */
  public HmacJoinProofs(Options options) {
    this.options = options;
    this.self = new NodeIdentity(options.clusterName(), options.nodeId());
    this.used = new UsedProofs(options.tolerance().toMillis(), MOST_PROOFS, MOST_NODES);
    this.refusals =
        new Refusals(
            "join",
            options.audit(),
            options.metrics(),
            "cluster.join.refused",
            EnumSet.of(
                Refusal.MALFORMED,
                Refusal.FORGED,
                Refusal.WRONG_PURPOSE,
                Refusal.WRONG_CLUSTER,
                Refusal.EXPIRED,
                Refusal.NOT_YET_VALID,
                Refusal.OLD_INCARNATION,
                Refusal.REPLAYED,
                Refusal.OVERRUN));
    this.keys = keysOf(options.tokens().accepted());
  }

  // ---- making --------------------------------------------------------------------------------

  @Override
  public String mint(String purpose) {
    if (purpose.isEmpty() || purpose.length() > LONGEST_PURPOSE) {
      throw WarehouseException.invalid("purpose", purpose, "use 1 to 40 characters");
    }
    byte[] claim = claim(purpose);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    StringBuilder proof = new StringBuilder(FORM).append('.').append(encoder.encodeToString(claim));
    for (SecretKeySpec key : keys().keys()) {
      proof.append('.').append(encoder.encodeToString(code(key, claim)));
    }
    return proof.toString();
  }

  private byte[] claim(String purpose) {
    byte[] purposeBytes = purpose.getBytes(StandardCharsets.UTF_8);
    byte[] cluster = self.clusterName().getBytes(StandardCharsets.UTF_8);
    byte[] node = self.nodeId().value().getBytes(StandardCharsets.UTF_8);
    byte[] nonce = new byte[NONCE_BYTES];
    options.random().nextBytes(nonce);
    ByteBuffer claim =
        ByteBuffer.allocate(
            3 * Short.BYTES
                + purposeBytes.length
                + cluster.length
                + node.length
                + 2 * Long.BYTES
                + NONCE_BYTES);
    for (byte[] text : List.of(purposeBytes, cluster, node)) {
      claim.putShort((short) text.length).put(text);
    }
    claim.putLong(options.incarnation()).putLong(options.clock().millis()).put(nonce);
    return claim.array();
  }

  // ---- judging -------------------------------------------------------------------------------

  @Override
  public Verdict verify(String purpose, String proof, String from) {
    if (proof.length() > LONGEST_PROOF) {
      return refuse(Refusal.MALFORMED, "", from);
    }
    String[] parts = proof.split("\\.", -1);
    if (parts.length < 3 || parts.length > 2 + JoinTokens.MOST_TOKENS || !parts[0].equals(FORM)) {
      return refuse(Refusal.MALFORMED, "", from);
    }
    try {
      List<byte[]> decoded = new ArrayList<>();
      for (String part : Arrays.asList(parts).subList(1, parts.length)) {
        decoded.add(Base64.getUrlDecoder().decode(part));
      }
      byte[] said = decoded.get(0);
      if (!stands(said, decoded.subList(1, decoded.size()))) {
        return refuse(Refusal.FORGED, "", from);
      }
      Claim claim = read(ByteBuffer.wrap(said));
      return judge(purpose, claim, new NodeId(claim.nodeId()), from);
    } catch (IllegalArgumentException | BufferUnderflowException | WarehouseException e) {
      // What a stranger sends is not for the log.
      return refuse(Refusal.MALFORMED, "", from);
    }
  }

  /** Whether one of the codes fits one of the tokens; all are compared, in constant time. */
  private boolean stands(byte[] said, List<byte[]> codes) {
    boolean stands = false;
    for (SecretKeySpec key : keys().keys()) {
      byte[] right = code(key, said);
      for (byte[] code : codes) {
        stands |= MessageDigest.isEqual(right, code);
      }
    }
    return stands;
  }

  private Verdict judge(String purpose, Claim claim, NodeId node, String from) {
    long now = options.clock().millis();
    Optional<Refusal> refusal =
        flaw(purpose, claim, now).or(() -> used.use(node, claim.incarnation(), claim.use(), now));
    return refusal.isPresent()
        ? refuse(refusal.get(), "node " + node, from)
        : new Verdict.Accepted(node, claim.incarnation());
  }

  private Optional<Refusal> flaw(String purpose, Claim claim, long now) {
    long tolerance = options.tolerance().toMillis();
    if (claim.incarnation() < 1) {
      return Optional.of(Refusal.MALFORMED);
    }
    if (!claim.purpose().equals(purpose)) {
      return Optional.of(Refusal.WRONG_PURPOSE);
    }
    if (!claim.clusterName().equals(self.clusterName())) {
      return Optional.of(Refusal.WRONG_CLUSTER);
    }
    if (claim.time() < now - tolerance) {
      return Optional.of(Refusal.EXPIRED);
    }
    return claim.time() > now + tolerance ? Optional.of(Refusal.NOT_YET_VALID) : Optional.empty();
  }

  private Verdict refuse(Refusal refusal, String who, String from) {
    refusals.add(refusal, who, from);
    return new Verdict.Refused(refusal.words());
  }

  private static Claim read(ByteBuffer said) {
    Claim claim =
        new Claim(
            text(said),
            text(said),
            text(said),
            said.getLong(),
            said.getLong(),
            said.getLong(),
            said.getLong());
    if (said.hasRemaining()) {
      throw new IllegalArgumentException("a proof goes on after its end");
    }
    return claim;
  }

  private static String text(ByteBuffer said) {
    byte[] text = new byte[Short.toUnsignedInt(said.getShort())];
    said.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  // ---- keys ----------------------------------------------------------------------------------

  private Keys keys() {
    List<JoinToken> tokens = options.tokens().accepted();
    Keys known = keys;
    if (known.tokens() != tokens) {
      known = keysOf(tokens);
      keys = known;
    }
    return known;
  }

  private static Keys keysOf(List<JoinToken> tokens) {
    return new Keys(tokens, tokens.stream().map(HmacJoinProofs::keyOf).toList());
  }

  private static SecretKeySpec keyOf(JoinToken token) {
    byte[] key = token.derive(KEY_PURPOSE, KEY_BYTES);
    try {
      return new SecretKeySpec(key, ALGORITHM);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] code(SecretKeySpec key, byte[] said) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(said);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "HmacJoinProofs of " + options.nodeId();
  }
}
