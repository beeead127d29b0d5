package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.kernel.trust.TlsSessions;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Event loops, sockets and TLS of a network. Thread-safe. */
final class Transport implements AutoCloseable {

  private static final int CONNECT_MILLIS = 3_000;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int READY_BYTES = 128 << 10;
  private static final String TLS = "TLSv1.3";
  private static final String LEAK_DETECTION = "io.grpc.netty.shaded.io.netty.leakDetection.level";

  private final GrpcPeerNetwork.Options options;
  private final boolean epoll = Epoll.isAvailable();
  private final EventLoopGroup loops;
  private final Set<ManagedChannel> channels = ConcurrentHashMap.newKeySet();
  private final Optional<SslContext> client;
  private final Optional<SslContext> server;

  /**
   * Makes event loops, without Netty's search for buffers that nobody gives back: it draws a stack
   * trace for one buffer of 128, which took a sixteenth of the time of a busy link. Who looks for
   * such a buffer asks for it by Netty's own property.
   */
  Transport(GrpcPeerNetwork.Options options) {
    this.options = options;
    if (System.getProperty(LEAK_DETECTION) == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
    int threads = options.settings().eventLoops();
    this.loops =
        epoll
            ? new MultiThreadIoEventLoopGroup(
                threads, options.threads(), EpollIoHandler.newFactory())
            : new MultiThreadIoEventLoopGroup(
                threads, options.threads(), NioIoHandler.newFactory());
    this.client = options.tls().map(Transport::clientContext);
    this.server = options.tls().map(Transport::serverContext);
  }

  private static SslContext clientContext(TlsMaterial tls) {
    return build(
        SslContextBuilder.forClient()
            .keyManager(tls.keyManager())
            .trustManager(tls.trustManager())
            .sessionTimeout(TlsSessions.CLIENT_SECONDS));
  }

  private static SslContext serverContext(TlsMaterial tls) {
    return build(
        SslContextBuilder.forServer(tls.keyManager())
            .trustManager(tls.trustManager())
            .sessionTimeout(TlsSessions.SERVER_SECONDS)
            .clientAuth(ClientAuth.REQUIRE));
  }

  /**
   * The JDK's TLS: it asks the managers at every handshake that takes up no earlier session, so
   * that certificates can change.
   */
  private static SslContext build(SslContextBuilder builder) {
    try {
      return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(TLS).build();
    } catch (SSLException e) {
      throw new WarehouseException(
          StandardErrorCode.BOOT_FAILED, "TLS between nodes cannot be set up", e);
    }
  }

  Server listen(ServerServiceDefinition service) {
    GrpcPeerNetwork.Settings settings = options.settings();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(options.host(), options.port()))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelFactory(this::serverChannel)
            .withChildOption(ChannelOption.TCP_NODELAY, true)
            .directExecutor()
            .handshakeTimeout(settings.handshake().toMillis(), TimeUnit.MILLISECONDS)
            .flowControlWindow(settings.flowWindow())
            .maxInboundMessageSize(settings.mostBytes() + settings.batchBytes())
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(settings.silence().toMillis(), TimeUnit.MILLISECONDS)
            .addService(service);
    server.ifPresent(builder::sslContext);
    return builder.build();
  }

  private ServerChannel serverChannel() {
    ServerChannel channel = epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    options.tls().ifPresent(tls -> channel.pipeline().addLast(new HandshakeWatch(tls)));
    return channel;
  }

  ManagedChannel connect(PeerAddress address) {
    GrpcPeerNetwork.Settings settings = options.settings();
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(new InetSocketAddress(address.host(), address.port()))
            .eventLoopGroup(loops)
            .channelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .withOption(ChannelOption.TCP_NODELAY, true)
            .directExecutor()
            .offloadExecutor(options.executor())
            .disableRetry()
            .flowControlWindow(settings.flowWindow())
            .maxInboundMessageSize(settings.mostBytes() + settings.batchBytes())
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(settings.silence().toMillis(), TimeUnit.MILLISECONDS);
    if (client.isPresent()) {
      builder.sslContext(client.get());
    } else {
      builder.usePlaintext();
    }
    channels.removeIf(ManagedChannel::isTerminated);
    ManagedChannel channel = builder.build();
    channels.add(channel);
    return channel;
  }

  /** Returns the event loop on which this is called; empty where it is none of the transport's. */
  Optional<EventExecutor> here() {
    for (EventExecutor loop : loops) {
      if (loop.inEventLoop()) {
        return Optional.of(loop);
      }
    }
    return Optional.empty();
  }

  CallOptions callOptions() {
    return CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES);
  }

  static int readyBytes() {
    return READY_BYTES;
  }

  /** Ends all channels first: they would complain of event loops that are gone. */
  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    try {
      for (ManagedChannel channel : channels) {
        if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
