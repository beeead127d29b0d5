package io.datawarehouse.benchmarks.baseline;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;

/** What any resource on this server can do at best: it reads to nothing and sends from memory. */
@Path("/")
public class BaselineResource {

  private static final int PIECE = 64 * 1024;
  private static final byte[] SMALL = new byte[4096];
  private static final byte[] ZEROS = new byte[PIECE];

  /** Reads the body and drops it. */
  @PUT
  @Path("sink/{key}")
  public Response drop(InputStream body) throws IOException {
    byte[] piece = new byte[PIECE];
    long size = 0;
    for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
      size += count;
    }
    return Response.ok(Long.toString(size), MediaType.TEXT_PLAIN_TYPE).build();
  }

  /** Sends 4 KiB from memory. */
  @GET
  @Path("small/{key}")
  public Response small() {
    return Response.ok(SMALL, MediaType.APPLICATION_OCTET_STREAM_TYPE).build();
  }

  /** Sends so many zeros. */
  @GET
  @Path("zeros/{size}")
  public Response zeros(@PathParam("size") long size) {
    StreamingOutput zeros =
        target -> {
          for (long left = size; left > 0; left -= PIECE) {
            target.write(ZEROS, 0, (int) Math.min(left, PIECE));
          }
        };
    return Response.ok(zeros, MediaType.APPLICATION_OCTET_STREAM_TYPE)
        .header(HttpHeaders.CONTENT_LENGTH, size)
        .build();
  }
}
