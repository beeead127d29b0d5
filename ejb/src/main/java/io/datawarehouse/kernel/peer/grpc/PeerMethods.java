package io.datawarehouse.kernel.peer.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

/** The two methods between nodes. */
final class PeerMethods {

  static final String SERVICE = "io.datawarehouse.peer.v1.Peer";

  /** Batches of frames, both ways, as long as both nodes live. */
  static final MethodDescriptor<Parcel, Parcel> MESSAGES =
      method("Messages", MethodDescriptor.MethodType.BIDI_STREAMING);

  /** One content: asked for with the link's name and the content's number, answered with bytes. */
  static final MethodDescriptor<Parcel, Parcel> CONTENT =
      method("Content", MethodDescriptor.MethodType.SERVER_STREAMING);

  /** Why a content broke off: an error as in a frame. */
  static final Metadata.Key<byte[]> ERROR =
      Metadata.Key.of("dw-error-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private PeerMethods() {}

  private static MethodDescriptor<Parcel, Parcel> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<Parcel, Parcel>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(Parcel.MARSHALLER)
        .setResponseMarshaller(Parcel.MARSHALLER)
        .build();
  }
}
