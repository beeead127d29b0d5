package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;

/**
 * Tells the bus what has become durable. It never fails the request: what is acknowledged stays so,
 * whether or not somebody can be told. Thread-safe.
 */
final class BlobEvents {

  private static final System.Logger LOG = System.getLogger(BlobEvents.class.getName());

  private final MessageBus bus;

  BlobEvents(MessageBus bus) {
    this.bus = bus;
  }

  void publish(Topic topic, BlobManifest manifest, Message cause) {
    try {
      bus.publish(
          Message.event(topic, Payload.of(manifest))
              .affinityKey(manifest.blobKey().affinityKey())
              .causedBy(cause)
              .build());
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          () ->
              "event "
                  + topic
                  + " of "
                  + manifest.blobKey()
                  + " was not published; the blob is safe",
          e);
    }
  }
}
