package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.trust.TlsMaterial;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;

/**
 * Tells of the handshakes of those who connect that fail: gRPC only hears of connections whose
 * handshake is done. It stands on a server's channel, and at the beginning of each that this one
 * accepts until TLS has its place there. Thread-safe.
 */
@ChannelHandler.Sharable
final class HandshakeWatch extends ChannelInboundHandlerAdapter {

  private final TlsMaterial tls;

  HandshakeWatch(TlsMaterial tls) {
    this.tls = tls;
  }

  @Override
  public void channelRead(ChannelHandlerContext server, Object accepted) {
    if (accepted instanceof Channel channel) {
      channel.pipeline().addLast(new Guest());
    }
    server.fireChannelRead(accepted);
  }

  /** Stands before gRPC's own, which put TLS in place when they hear that the channel is active. */
  private final class Guest extends ChannelInboundHandlerAdapter {

    @Override
    public void channelActive(ChannelHandlerContext guest) {
      String from = String.valueOf(guest.channel().remoteAddress());
      guest.fireChannelActive();
      SslHandler handshake = guest.pipeline().get(SslHandler.class);
      if (handshake != null) {
        var unused = handshake.handshakeFuture().addListener(done -> ended(done, from));
      }
      guest.pipeline().remove(this);
    }
  }

  private void ended(Future<?> handshake, String from) {
    Throwable failure = handshake.cause();
    // Who says nothing is not refused, but forgotten.
    if (failure != null && !(failure instanceof SslHandshakeTimeoutException)) {
      tls.failed(failure, from);
    }
  }
}
