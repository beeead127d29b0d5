package io.datawarehouse.kernel.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.HmacJoinProofs;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.protocols.AUTH;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.ExtendedUUID;
import org.jgroups.util.Util;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proofs on their way between two channels, and in the hands of somebody who overhears them. */
class ProofTokenTest {

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final SecureRandom random = new SecureRandom();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final AuditLog audit = new AuditLog(clock, AuditLog.Options.standard());
  private final Address ownOfA = address("a");
  private ProofToken tokenOfA;
  private ProofToken tokenOfB;

  /** An address as the coordinators' channels have them. */
  private static Address address(String node) {
    return ExtendedUUID.randomUUID(node).put("raft-id", Util.stringToBytes(node));
  }

  @BeforeEach
  void makeTwoNodes() {
    Path file = directory.resolve("cluster.token");
    JoinTokens.make(file, random);
    JoinTokens tokens =
        JoinTokens.open(
            new JoinTokens.Options(file, false, new MapSecrets(), random, clock, audit));
    tokenOfA = token("a", ownOfA, tokens);
    tokenOfB = token("b", address("b"), tokens);
  }

  private ProofToken token(String node, Address own, JoinTokens tokens) {
    ProofToken token =
        new ProofToken(
            new HmacJoinProofs(
                new HmacJoinProofs.Options(
                    "warehouse",
                    new NodeId(node),
                    1,
                    HmacJoinProofs.STANDARD_TOLERANCE,
                    tokens,
                    clock,
                    random,
                    metrics,
                    audit)),
            "raft");
    token.setAuth(new Channel(own));
    return token;
  }

  /** The protocol of a channel that has that address and knows no others. */
  private static final class Channel extends AUTH {
    Channel(Address own) {
      local_addr = own;
    }

    @Override
    public Object down(Event event) {
      return null;
    }
  }

  private static byte[] written(ProofToken token) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    token.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static ProofToken read(byte[] bytes) throws IOException {
    ProofToken token = new ProofToken();
    token.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
    return token;
  }

  /** A message as it arrives: its sender was read from the wire, too. */
  private static Message from(Address sender) throws Exception {
    ByteArrayDataOutputStream wire = new ByteArrayDataOutputStream();
    Util.writeAddress(sender, wire);
    return new EmptyMessage()
        .setSrc(Util.readAddress(new ByteArrayDataInputStream(wire.buffer(), 0, wire.position())));
  }

  private double refused(String reason) {
    return metrics.count("cluster.join.refused", Map.of("reason", reason));
  }

  @Test
  void whoHoldsTheTokenIsLetInEachTimeThatItAsks() throws Exception {
    assertThat(tokenOfB.authenticate(read(written(tokenOfA)), from(ownOfA))).isTrue();
    assertThat(tokenOfB.authenticate(read(written(tokenOfA)), from(ownOfA))).isTrue();
    assertThat(tokenOfA.authenticate(tokenOfA, from(ownOfA))).isTrue();
  }

  @Test
  void aProofThatWasOverheardIsWorthNothingFromAnotherAddress() throws Exception {
    byte[] overheard = written(tokenOfA);

    assertThat(tokenOfB.authenticate(read(overheard), from(address("x")))).isFalse();
    assertThat(tokenOfB.authenticate(read(overheard), from(address("a")))).isFalse();

    assertThat(refused("wrong-purpose")).isEqualTo(2);
    assertThat(tokenOfB.authenticate(read(overheard), from(ownOfA)))
        .as("it was not used up by that")
        .isTrue();
  }

  @Test
  void aProofIsGoodForOneUseWithinItsTime() throws Exception {
    byte[] used = written(tokenOfA);
    byte[] late = written(tokenOfA);
    assertThat(tokenOfB.authenticate(read(used), from(ownOfA))).isTrue();

    assertThat(tokenOfB.authenticate(read(used), from(ownOfA))).isFalse();
    clock.advance(HmacJoinProofs.STANDARD_TOLERANCE.plus(Duration.ofMillis(1)));
    assertThat(tokenOfB.authenticate(read(late), from(ownOfA))).isFalse();

    assertThat(refused("replayed")).isEqualTo(1);
    assertThat(refused("expired")).isEqualTo(1);
  }

  @Test
  void whatIsNoProofIsRefused() throws Exception {
    assertThat(tokenOfB.authenticate(new ProofToken(), from(ownOfA))).isFalse();
    assertThat(tokenOfB.authenticate(read(written(tokenOfA)), new EmptyMessage())).isFalse();
    assertThatThrownBy(() -> read(new byte[] {5, 0, 1, 2})).isInstanceOf(IOException.class);
    assertThat(refused("malformed")).isEqualTo(1);
  }
}
