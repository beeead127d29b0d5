package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.Batch;
import io.datawarehouse.kernel.peer.EncodedFrame;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.MalformedFrame;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The end that calls: says hello, judges the welcome, then hands everything to its link. */
final class Caller extends ClientCall.Listener<Parcel> {

  private static final System.Logger LOG = System.getLogger(Caller.class.getName());
  private static final int BATCHES_AHEAD = 64;

  private final GrpcPeerNetwork network;
  private final PeerAddress address;
  private final String name;
  private final String replaces;
  private final ManagedChannel channel;
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile @Nullable Wire wire;
  private volatile @Nullable GrpcLink link;

  Caller(
      GrpcPeerNetwork network,
      PeerAddress address,
      String name,
      String replaces,
      ManagedChannel channel) {
    this.network = network;
    this.address = address;
    this.name = name;
    this.replaces = replaces;
    this.channel = channel;
  }

  void start(ClientCall<Parcel, Parcel> call) {
    Wire opened = new CallerWire(call, address.toString(), network.options().tls());
    wire = opened;
    call.start(this, new Metadata());
    FrameCodec codec = new FrameCodec(network.options().payloads(), network.options().clock());
    EncodedFrame hello =
        EncodedFrame.of(
            codec.encode(
                new PeerFrame.Hello(
                    network.options().self(),
                    network.options().proofs().mint(Handshake.PURPOSE),
                    name,
                    replaces)));
    opened.send(Parcel.ofFrames(List.of(hello), hello.length()));
    call.request(1);
  }

  /** Gives the call up if there is no link yet. */
  void giveUp(String reason) {
    Wire opened = wire;
    if (link == null && opened != null) {
      opened.abort(reason);
    }
  }

  @Override
  public void onMessage(Parcel parcel) {
    GrpcLink up = link;
    if (up != null) {
      up.onBatch(parcel, network.now());
      return;
    }
    try {
      welcome(parcel);
    } catch (MalformedFrame e) {
      LOG.log(System.Logger.Level.WARNING, address + " answers what cannot be read", e);
      refuse("malformed", "what came cannot be read");
    }
  }

  private void welcome(Parcel batch) {
    FrameCodec codec = new FrameCodec(network.options().payloads(), network.options().clock());
    PeerFrame[] first = new PeerFrame[1];
    Batch.read(
        batch.received(),
        batch.length(),
        network.options().settings().mostBytes(),
        codec,
        frame -> {
          if (first[0] != null) {
            throw new MalformedFrame("something follows the welcome in its batch");
          }
          first[0] = frame;
        });
    if (!(first[0] instanceof PeerFrame.Welcome answer)) {
      throw new MalformedFrame("the first frame is no welcome");
    }
    if (answer.answer() instanceof FederationWelcome.Accepted accepted) {
      judge(accepted, answer.proof());
    } else if (answer.answer() instanceof FederationWelcome.Refused refused) {
      refuse("refused", "it refuses: " + refused.cause() + ", " + refused.detail());
    }
  }

  private void judge(FederationWelcome.Accepted accepted, String proof) {
    Wire opened = java.util.Objects.requireNonNull(wire);
    JoinProofs.Verdict verdict =
        network.options().proofs().verify(Handshake.PURPOSE, proof, address.toString());
    Optional<String> problem =
        Handshake.problem(
            accepted.nodeId(),
            accepted.incarnation(),
            verdict,
            opened.certified(),
            network.options().tls().isPresent());
    if (problem.isPresent()) {
      refuse("proof", problem.get());
      return;
    }
    if (!accepted.nodeId().equals(address.node())) {
      refuse("identity", "node " + accepted.nodeId() + " answers there");
      return;
    }
    GrpcLink made =
        network.newLink(
            opened,
            new GrpcLink.Peer(
                accepted.nodeId(), accepted.incarnation(), accepted.features(), name));
    if (!network.links().completeCall(address.node(), name, accepted.incarnation(), made)) {
      opened.abort("another link stands");
      return;
    }
    link = made;
    network.linkIsUp(made);
    made.goUp();
    opened.request(BATCHES_AHEAD);
  }

  private void refuse(String kind, String reason) {
    network.metrics().refused(kind);
    LOG.log(System.Logger.Level.WARNING, "no link with {0}: {1}", address, reason);
    Wire opened = wire;
    if (opened != null) {
      opened.abort(reason);
    }
  }

  @Override
  public void onReady() {
    GrpcLink up = link;
    if (up != null) {
      up.onReady();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    channel.shutdownNow();
    NodeId peer = address.node();
    String reason = reasonOf(status);
    GrpcLink up = link;
    if (up != null) {
      up.goDown(reason);
      network.linkIsDown(up, reason);
      return;
    }
    LOG.log(System.Logger.Level.DEBUG, "calling {0} came to nothing: {1}", address, reason);
    network.links().failCall(peer, name);
    network.callLater(peer);
  }

  private static String reasonOf(Status status) {
    String description = status.getDescription();
    return status.getCode() + (description == null ? "" : ", " + description);
  }
}
