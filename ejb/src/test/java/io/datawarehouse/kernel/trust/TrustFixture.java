package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/** Nodes of one cluster or several, each with a file of join tokens of its own. */
final class TrustFixture {

  static final String CLUSTER = "warehouse";
  static final Duration LIFE = Duration.ofHours(24);

  final ManualClock clock = new ManualClock();
  final SecureRandom random = new SecureRandom();
  private final Path directory;

  TrustFixture(Path directory) {
    this.directory = directory;
  }

  /** A node and all that it trusts by. */
  final class Node {
    final NodeId id;
    final Path file;
    final RecordingMetrics metrics = new RecordingMetrics();
    final AuditLog audit = new AuditLog(clock, AuditLog.Options.standard());
    final JoinTokens tokens;
    final NodeTls tls;
    final HmacJoinProofs proofs;

    Node(String name, String cluster, long incarnation, JoinToken... accepted) {
      this(name, cluster, incarnation, CertificateNames.SEALED, accepted);
    }

    Node(
        String name,
        String cluster,
        long incarnation,
        CertificateNames names,
        JoinToken... accepted) {
      this.id = new NodeId(name);
      this.file = directory.resolve(name + ".token");
      write(accepted);
      this.tokens =
          JoinTokens.open(
              new JoinTokens.Options(file, false, new MapSecrets(), random, clock, audit));
      this.tls =
          new NodeTls(
              new NodeTls.Options(cluster, id, names, LIFE, tokens, clock, random, metrics, audit));
      this.proofs =
          new HmacJoinProofs(
              new HmacJoinProofs.Options(
                  cluster,
                  id,
                  incarnation,
                  HmacJoinProofs.STANDARD_TOLERANCE,
                  tokens,
                  clock,
                  random,
                  metrics,
                  audit));
    }

    /** Replaces the tokens, and lets the node see that. */
    void holds(JoinToken... accepted) {
      write(accepted);
      clock.advance(JoinTokens.LOOK_INTERVAL);
      tls.renewIfDue();
    }

    private void write(JoinToken... accepted) {
      TrustFixture.write(file, lines(accepted));
    }

    double refusedByTls(Refusal refusal) {
      return metrics.count("cluster.trust.refused", Map.of("reason", refusal.label()));
    }

    double refusedProofs(Refusal refusal) {
      return metrics.count("cluster.join.refused", Map.of("reason", refusal.label()));
    }

    double allRefusedByTls() {
      return Arrays.stream(Refusal.values()).mapToDouble(this::refusedByTls).sum();
    }
  }

  Node node(String name, JoinToken... accepted) {
    return new Node(name, CLUSTER, 1, accepted);
  }

  JoinToken token() {
    return JoinToken.random(random);
  }

  static String lines(JoinToken... tokens) {
    StringBuilder lines = new StringBuilder();
    for (JoinToken token : tokens) {
      lines.append(text(token)).append('\n');
    }
    return lines.toString();
  }

  static String text(JoinToken token) {
    return new String(token.text(), StandardCharsets.US_ASCII);
  }

  static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
