package io.datawarehouse.micro.starting;

import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.memory.Buffers;

/** Sends an answer in the place of the application's, and closes its connection after it. */
final class LastAnswer {

  private LastAnswer() {}

  /** Sends a response whose head is made, with that body. */
  @SuppressWarnings("rawtypes") // So is the parameter of Grizzly's method.
  static void send(FilterChainContext context, HttpResponsePacket response, byte[] body) {
    Connection<?> connection = context.getConnection();
    HttpContent content =
        response
            .httpContentBuilder()
            .content(Buffers.wrap(context.getMemoryManager(), body))
            .last(true)
            .build();
    context.write(
        content,
        new EmptyCompletionHandler<WriteResult>() {
          @Override
          public void completed(WriteResult result) {
            connection.closeSilently();
          }
        });
  }
}
