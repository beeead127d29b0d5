package io.datawarehouse.kernel.jgroups;

import io.datawarehouse.kernel.trust.JoinProofs;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jgroups.Message;
import org.jgroups.auth.AuthToken;
import org.jgroups.conf.ClassConfigurator;
import org.jspecify.annotations.Nullable;

/**
 * A proof of the join token in a message that joins or merges. The proof is made when the message
 * is written to the wire, once for every time it is, for a proof is good for one use. Thread-safe.
 */
public final class ProofToken extends AuthToken {

  private static final short ID = 7_001;
  private static final int LONGEST = 1_024;

  static {
    ClassConfigurator.add(ID, ProofToken.class);
  }

  /** Empty in a token that came from the wire. */
  private final @Nullable JoinProofs proofs;

  private final String purpose;
  private byte[] received = new byte[0];

  /** For tokens that come from the wire. */
  public ProofToken() {
    this.proofs = null;
    this.purpose = "";
  }

  ProofToken(JoinProofs proofs, String purpose) {
    this.proofs = proofs;
    this.purpose = purpose;
  }

  @Override
  public String getName() {
    return ProofToken.class.getName();
  }

  @Override
  public int size() {
    return Short.BYTES + LONGEST;
  }

  /** Accepts what this node wrote itself, and what somebody with the token has. */
  @Override
  public boolean authenticate(AuthToken token, Message message) {
    if (token == this) {
      return true;
    }
    if (proofs == null || !(token instanceof ProofToken shown)) {
      return false;
    }
    String proof = new String(shown.received, StandardCharsets.UTF_8);
    return proofs.verify(purpose, proof, String.valueOf(message.getSrc()))
        instanceof JoinProofs.Verdict.Accepted;
  }

  @Override
  public void writeTo(DataOutput out) throws IOException {
    byte[] proof =
        proofs == null ? received : proofs.mint(purpose).getBytes(StandardCharsets.UTF_8);
    out.writeShort(proof.length);
    out.write(proof);
  }

  @Override
  public void readFrom(DataInput in) throws IOException {
    int length = in.readUnsignedShort();
    if (length > LONGEST) {
      throw new IOException("a proof of " + length + " bytes");
    }
    byte[] proof = new byte[length];
    in.readFully(proof);
    received = proof;
  }
}
