package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.trust.JoinProofs;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.auth.AuthToken;
import org.jgroups.conf.ClassConfigurator;
import org.jspecify.annotations.Nullable;

/**
 * What a node shows when it asks to join or to merge, and when it answers such a question: a proof
 * of the join token, made anew each time that the message is written to a socket, so that a
 * repeated sending is not taken for a replay. A token that was read from a socket holds the proof
 * that came with it and passes that on unchanged.
 */
public final class ProofToken extends AuthToken {

  /** What proofs are made for here. */
  static final String PURPOSE = "jgroups";

  private static final System.Logger LOG = System.getLogger(ProofToken.class.getName());

  private static final short ID = 7_411;
  private static final int LONGEST_PROOF = 1_024;

  private final @Nullable JoinProofs proofs;
  private @Nullable String received;

  /** Makes a token to be read from a socket. */
  public ProofToken() {
    this.proofs = null;
  }

  /** Makes the token of this node. */
  ProofToken(JoinProofs proofs) {
    this.proofs = proofs;
  }

  /** Makes the token known, so that no name of a class is ever taken from the wire for it. */
  static void register() {
    synchronized (ProofToken.class) {
      ClassConfigurator.addIfAbsent(ID, ProofToken.class);
    }
  }

  @Override
  public String getName() {
    return ProofToken.class.getName();
  }

  @Override
  public int size() {
    return Short.BYTES + LONGEST_PROOF;
  }

  @Override
  public boolean authenticate(AuthToken token, Message message) {
    if (token == this) {
      // A node's message to itself is not written to a socket.
      return true;
    }
    if (proofs == null
        || !(token instanceof ProofToken other)
        || other.received == null
        || message.getSrc() == null) {
      return false;
    }
    String from = placeOf(message);
    JoinProofs.Verdict verdict = proofs.verify(PURPOSE, other.received, from);
    if (verdict instanceof JoinProofs.Verdict.Accepted accepted) {
      NodeTag proven = new NodeTag(accepted.nodeId(), accepted.incarnation());
      boolean same = NodeTag.of(message.getSrc()).filter(proven::equals).isPresent();
      if (!same) {
        LOG.log(
            System.Logger.Level.WARNING,
            "a node at {0} shows a proof of another one, {1}: it is not let in",
            from,
            accepted.nodeId());
      }
      return same;
    }
    return false;
  }

  private String placeOf(Message message) {
    Object place =
        auth == null ? null : auth.down(new Event(Event.GET_PHYSICAL_ADDRESS, message.getSrc()));
    return String.valueOf(place == null ? message.getSrc() : place);
  }

  @Override
  public void writeTo(DataOutput out) throws IOException {
    String proof = received;
    if (proof == null) {
      if (proofs == null) {
        throw new IOException("a token without a proof");
      }
      proof = proofs.mint(PURPOSE);
    }
    out.writeUTF(proof);
  }

  @Override
  public void readFrom(DataInput in) throws IOException {
    String proof = in.readUTF();
    if (proof.length() > LONGEST_PROOF) {
      throw new IOException("a proof of " + proof.length() + " characters");
    }
    received = proof;
  }
}
