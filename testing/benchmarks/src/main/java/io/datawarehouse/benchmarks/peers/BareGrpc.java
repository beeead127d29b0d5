package io.datawarehouse.benchmarks.peers;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One bidirectional gRPC stream that gives back each message, and nothing around it. */
final class BareGrpc implements Peer {

  private static final int AHEAD = 1024;

  private static final MethodDescriptor<byte[], byte[]> ECHO =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName("bench.Echo/Echo")
          .setRequestMarshaller(new BytesMarshaller())
          .setResponseMarshaller(new BytesMarshaller())
          .build();

  static {
    // The bus does without as well, and Vert.x by itself; the others have no Netty.
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  private Server server;
  private ManagedChannel channel;
  private ClientCall<byte[], byte[]> call;
  private final ConcurrentLinkedQueue<Answered> waiting = new ConcurrentLinkedQueue<>();

  private static final class BytesMarshaller implements Marshaller<byte[]> {

    private static final class Known extends ByteArrayInputStream implements KnownLength {
      Known(byte[] bytes) {
        super(bytes);
      }
    }

    @Override
    public InputStream stream(byte[] value) {
      return new Known(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        byte[] bytes = new byte[stream.available()];
        stream.readNBytes(bytes, 0, bytes.length);
        return bytes;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public String serve() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder("bench.Echo")
                    .addMethod(
                        ECHO,
                        (serverCall, headers) -> {
                          serverCall.sendHeaders(new Metadata());
                          serverCall.request(AHEAD);
                          return new Echoing(serverCall);
                        })
                    .build())
            .build()
            .start();
    return String.valueOf(server.getPort());
  }

  private static final class Echoing extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> serverCall;

    Echoing(ServerCall<byte[], byte[]> serverCall) {
      this.serverCall = serverCall;
    }

    @Override
    public void onMessage(byte[] message) {
      serverCall.sendMessage(message);
      serverCall.request(1);
    }

    @Override
    public void onHalfClose() {
      serverCall.close(Status.OK, new Metadata());
    }
  }

  @Override
  public void connect(String place, Duration limit) {
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(place)))
            .directExecutor()
            .usePlaintext()
            .build();
    call = channel.newCall(ECHO, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            Answered first = waiting.remove();
            call.request(1);
            first.accept(message.length, null);
          }
        },
        new Metadata());
    call.request(AHEAD);
  }

  @Override
  public void ask(Object payload, Answered answered) {
    // The stream keeps the order, so that who waits first is answered first.
    synchronized (this) {
      waiting.add(answered);
      call.sendMessage((byte[]) payload);
    }
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (server != null) {
      server.shutdownNow();
    }
  }
}
