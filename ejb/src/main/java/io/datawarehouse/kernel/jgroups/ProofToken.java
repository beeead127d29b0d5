package io.datawarehouse.kernel.jgroups;

import io.datawarehouse.kernel.trust.JoinProofs;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.auth.AuthToken;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * A proof of the join token in a message that joins or merges. The proof is made when the message
 * is written to the wire, once for every time it is, for a proof is good for one use. Thread-safe.
 *
 * <p>It is made for the address of its sender and worth nothing in a message from another one. Such
 * an address is random, another one with each start of a channel, and names the node where the
 * channel's addresses do; so whoever overheard a proof cannot show it as its own.
 */
public final class ProofToken extends AuthToken {

  private static final short ID = 7_001;
  private static final int LONGEST = 1_024;

  /** With what stands before it that fits what a proof can be for. */
  private static final int DIGEST_BYTES = 16;

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
    if (proofs == null || !(token instanceof ProofToken shown) || message.getSrc() == null) {
      return false;
    }
    String proof = new String(shown.received, StandardCharsets.UTF_8);
    return proofs.verify(purposeOf(message.getSrc()), proof, placeOf(message.getSrc()))
        instanceof JoinProofs.Verdict.Accepted;
  }

  private String placeOf(Address sender) {
    Object place = auth == null ? null : auth.down(new Event(Event.GET_PHYSICAL_ADDRESS, sender));
    return String.valueOf(place == null ? sender : place);
  }

  /** Returns what a proof of that sender is for. */
  private String purposeOf(Address sender) {
    try {
      ByteArrayDataOutputStream written = new ByteArrayDataOutputStream();
      Util.writeAddress(sender, written);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(written.buffer(), 0, written.position());
      return purpose
          + '@'
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(Arrays.copyOf(digest.digest(), DIGEST_BYTES));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("an address cannot be digested", e);
    }
  }

  @Override
  public void writeTo(DataOutput out) throws IOException {
    byte[] proof = proofs == null ? received : mint(proofs);
    out.writeShort(proof.length);
    out.write(proof);
  }

  private byte[] mint(JoinProofs maker) throws IOException {
    Address self = auth == null ? null : auth.getAddress();
    if (self == null) {
      throw new IOException("a proof of a channel that has no address yet");
    }
    return maker.mint(purposeOf(self)).getBytes(StandardCharsets.UTF_8);
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
