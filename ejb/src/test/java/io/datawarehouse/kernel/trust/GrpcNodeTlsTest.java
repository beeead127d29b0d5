package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same trust on the transport of the bus, with every TLS library that it can run on here. */
class GrpcNodeTlsTest {

  private static final Context.Key<String> CALLER = Context.key("caller");
  private static final MethodDescriptor<String, String> WHO_AM_I =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test/WhoAmI")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  @TempDir Path directory;
  private TrustFixture fixture;
  private JoinToken token;
  private TrustFixture.Node one;
  private TrustFixture.Node two;

  static List<SslProvider> providers() {
    return OpenSsl.isAvailable()
        ? List.of(SslProvider.JDK, SslProvider.OPENSSL)
        : List.of(SslProvider.JDK);
  }

  @BeforeEach
  void makeTwoNodes() {
    fixture = new TrustFixture(directory);
    token = fixture.token();
    one = fixture.node("node-1", token);
    two = fixture.node("node-2", token);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void nodesWithTheSameTokenKnowEachOtherByName(SslProvider provider) throws Exception {
    try (Serving server = new Serving(two, provider);
        Calling client = new Calling(one, server, provider)) {
      assertThat(client.whoAmI()).isEqualTo("node-1");
    }
    assertThat(one.allRefusedByTls()).isZero();
    assertThat(two.allRefusedByTls()).isZero();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void anotherTokenIsRefused(SslProvider provider) throws Exception {
    TrustFixture.Node stranger = fixture.node("node-1", fixture.token());
    try (Serving server = new Serving(two, provider);
        Calling client = new Calling(stranger, server, provider)) {
      assertUnavailable(client);
    }
    assertThat(stranger.refusedByTls(Refusal.UNKNOWN_AUTHORITY)).isPositive();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void anExpiredCertificateIsRefused(SslProvider provider) throws Exception {
    fixture.clock.advance(TrustFixture.LIFE);
    two.tls.renewIfDue();
    try (Serving server = new Serving(two, provider);
        Calling client = new Calling(one, server, provider)) {
      assertUnavailable(client);
    }
    assertThat(two.refusedByTls(Refusal.EXPIRED)).isPositive();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void tokensAreReplacedWithoutCuttingAConnection(SslProvider provider) throws Exception {
    JoinToken fresh = fixture.token();
    TrustFixture.Node left = fixture.node("left", token);
    try (Serving server = new Serving(two, provider);
        Calling before = new Calling(one, server, provider)) {
      before.whoAmI();
      int connections = server.connections;
      two.holds(fresh, token);
      try (Calling client = new Calling(left, server, provider)) {
        assertThat(client.whoAmI()).isEqualTo("left");
      }
      one.holds(fresh, token);
      two.holds(fresh);
      try (Calling client = new Calling(one, server, provider)) {
        assertThat(client.whoAmI()).isEqualTo("node-1");
      }
      try (Calling client = new Calling(left, server, provider)) {
        assertUnavailable(client);
      }
      assertThat(connections).isEqualTo(1);
      assertThat(server.connections).isEqualTo(3);
      assertThat(before.call()).isEqualTo("nobody any more");
      assertThat(server.connections).isEqualTo(3);
    }
  }

  private static void assertUnavailable(Calling client) {
    assertThatThrownBy(client::whoAmI)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  private static void assertEnds(Callable<Boolean> waiting) {
    try {
      assertThat(waiting.call()).isTrue();
    } catch (Exception e) {
      throw new AssertionError("interrupted while it ends", e);
    }
  }

  private static SslContextBuilder nodes(
      SslContextBuilder builder, TrustFixture.Node node, SslProvider provider) {
    return GrpcSslContexts.configure(builder, provider)
        .trustManager(node.tls.trustManager())
        .clientAuth(ClientAuth.REQUIRE)
        .protocols("TLSv1.3")
        .sessionTimeout(Duration.ofDays(8).toSeconds());
  }

  private static final class Serving implements AutoCloseable {
    final Server server;
    volatile int connections;

    Serving(TrustFixture.Node node, SslProvider provider) throws IOException {
      ServerServiceDefinition service =
          ServerServiceDefinition.builder("test")
              .addMethod(
                  WHO_AM_I,
                  ServerCalls.asyncUnaryCall(
                      (request, answer) -> {
                        answer.onNext(CALLER.get());
                        answer.onCompleted();
                      }))
              .build();
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .sslContext(
                  nodes(SslContextBuilder.forServer(node.tls.keyManager()), node, provider).build())
              .addTransportFilter(
                  new io.grpc.ServerTransportFilter() {
                    @Override
                    public io.grpc.Attributes transportReady(io.grpc.Attributes attributes) {
                      connections++;
                      return attributes;
                    }
                  })
              .intercept(new Names(node))
              .addService(service)
              .directExecutor()
              .build()
              .start();
    }

    @Override
    public void close() {
      server.shutdownNow();
      assertEnds(() -> server.awaitTermination(60, TimeUnit.SECONDS));
    }
  }

  /** Finds out who calls. */
  private record Names(TrustFixture.Node node) implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      String from = String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
      String caller = node.tls.peer(session, from).map(id -> id.value()).orElse("nobody any more");
      return Contexts.interceptCall(
          Context.current().withValue(CALLER, caller), call, headers, next);
    }
  }

  private static final class Calling implements AutoCloseable {
    final ManagedChannel channel;

    Calling(TrustFixture.Node node, Serving server, SslProvider provider) throws IOException {
      channel =
          NettyChannelBuilder.forAddress(
                  new InetSocketAddress("127.0.0.1", server.server.getPort()))
              .sslContext(
                  nodes(
                          SslContextBuilder.forClient().keyManager(node.tls.keyManager()),
                          node,
                          provider)
                      .build())
              .directExecutor()
              .build();
    }

    String whoAmI() {
      return call();
    }

    String call() {
      return ClientCalls.blockingUnaryCall(
          channel, WHO_AM_I, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS), "?");
    }

    @Override
    public void close() {
      channel.shutdownNow();
      assertEnds(() -> channel.awaitTermination(60, TimeUnit.SECONDS));
    }
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
