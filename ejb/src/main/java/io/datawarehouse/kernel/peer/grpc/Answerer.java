package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.Batch;
import io.datawarehouse.kernel.peer.EncodedFrame;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.LinkTable.Admission;
import io.datawarehouse.kernel.peer.MalformedFrame;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The end that is called: judges the hello, then hands everything to its link. */
final class Answerer extends ServerCall.Listener<Parcel> {

  private static final System.Logger LOG = System.getLogger(Answerer.class.getName());
  private static final int BATCHES_AHEAD = 64;

  private final GrpcPeerNetwork network;
  private final AnswererWire wire;
  private final FrameCodec codec;
  private volatile @Nullable GrpcLink link;

  Answerer(GrpcPeerNetwork network, ServerCall<Parcel, Parcel> call) {
    this.network = network;
    this.wire = new AnswererWire(call, network.options().tls());
    this.codec = new FrameCodec(network.options().payloads(), network.options().clock());
    call.setOnReadyThreshold(Transport.readyBytes());
    call.sendHeaders(new Metadata());
    call.request(1);
    var unused =
        network
            .options()
            .timer()
            .schedule(
                () -> {
                  if (link == null) {
                    wire.close(Status.DEADLINE_EXCEEDED.withDescription("no hello in time"));
                  }
                },
                network.options().settings().handshake().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void onMessage(Parcel parcel) {
    GrpcLink up = link;
    if (up != null) {
      up.onBatch(parcel, network.now());
      return;
    }
    try {
      hello(parcel);
    } catch (MalformedFrame e) {
      LOG.log(System.Logger.Level.WARNING, wire.remote() + " says what cannot be read", e);
      network.metrics().refused("malformed");
      wire.close(Status.INVALID_ARGUMENT);
    }
  }

  private void hello(Parcel batch) {
    PeerFrame[] first = new PeerFrame[1];
    Batch.read(
        batch.received(),
        batch.length(),
        network.options().settings().mostBytes(),
        codec,
        frame -> {
          if (first[0] != null) {
            throw new MalformedFrame("something follows the hello before it was answered");
          }
          first[0] = frame;
        });
    if (!(first[0] instanceof PeerFrame.Hello hello)) {
      throw new MalformedFrame("the first frame is no hello");
    }
    if (network.closing()) {
      wire.close(Status.UNAVAILABLE.withDescription("the node stops"));
      return;
    }
    judge(hello);
  }

  private void judge(PeerFrame.Hello frame) {
    FederationHello hello = frame.hello();
    JoinProofs.Verdict verdict =
        network.options().proofs().verify(Handshake.PURPOSE, frame.proof(), wire.remote());
    Optional<String> problem =
        Handshake.problem(
            hello.nodeId(),
            hello.incarnation(),
            verdict,
            wire.certified(),
            network.options().tls().isPresent());
    if (problem.isPresent()) {
      // A stranger learns nothing, not even what was wrong.
      refuse("proof", problem.get(), Status.PERMISSION_DENIED);
      return;
    }
    FederationWelcome answer = network.options().self().answer(hello);
    if (answer instanceof FederationWelcome.Refused refused) {
      send(new PeerFrame.Welcome(refused, ""));
      refuse("refused", refused.detail(), Status.FAILED_PRECONDITION);
      return;
    }
    admit(frame, (FederationWelcome.Accepted) answer);
  }

  private void admit(PeerFrame.Hello frame, FederationWelcome.Accepted answer) {
    FederationHello hello = frame.hello();
    GrpcLink made =
        network.newLink(
            wire,
            new GrpcLink.Peer(
                hello.nodeId(), hello.incarnation(), answer.features(), frame.link()));
    Admission<GrpcLink> admission =
        network
            .links()
            .admit(hello.nodeId(), frame.link(), hello.incarnation(), frame.replaces(), made);
    if (admission instanceof Admission.Refused<GrpcLink> refused) {
      wire.close(Status.ALREADY_EXISTS.withDescription(refused.reason()));
    } else if (admission instanceof Admission.Stands<GrpcLink> stands) {
      stands.replaced().ifPresent(old -> old.cut("a new link takes its place"));
      send(new PeerFrame.Welcome(answer, network.options().proofs().mint(Handshake.PURPOSE)));
      link = made;
      network.linkIsUp(made);
      made.goUp();
      wire.request(BATCHES_AHEAD);
    }
  }

  private void send(PeerFrame frame) {
    EncodedFrame encoded = EncodedFrame.of(codec.encode(frame));
    wire.send(Parcel.ofFrames(List.of(encoded), encoded.length()));
  }

  private void refuse(String kind, String reason, Status status) {
    network.metrics().refused(kind);
    LOG.log(System.Logger.Level.WARNING, "no link with {0}: {1}", wire.remote(), reason);
    wire.close(status);
  }

  @Override
  public void onReady() {
    GrpcLink up = link;
    if (up != null) {
      up.onReady();
    }
  }

  @Override
  public void onHalfClose() {
    GrpcLink up = link;
    if (up != null) {
      up.endOrderly();
      down(up, "the peer ended it");
    } else {
      wire.close(Status.OK);
    }
  }

  @Override
  public void onCancel() {
    GrpcLink up = link;
    if (up != null) {
      down(up, "the stream broke");
    }
  }

  @Override
  public void onComplete() {
    GrpcLink up = link;
    if (up != null) {
      down(up, "it was ended");
    }
  }

  private void down(GrpcLink up, String reason) {
    up.goDown(reason);
    network.linkIsDown(up, reason);
  }
}
