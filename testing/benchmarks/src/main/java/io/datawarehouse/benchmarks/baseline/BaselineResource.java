package io.datawarehouse.benchmarks.baseline;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** What any resource on this server can do at best: it reads to nothing and sends from memory. */
@Path("/")
public class BaselineResource {

  private static final int PIECE = 64 * 1024;
  private static final byte[] SMALL = new byte[4096];

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

  /** Streams the body to the null device, as the standard library does it. */
  @PUT
  @Path("null/{key}")
  public Response stream(InputStream body) throws IOException {
    try (OutputStream target = new FileOutputStream("/dev/null")) {
      return Response.ok(Long.toString(body.transferTo(target)), MediaType.TEXT_PLAIN_TYPE).build();
    }
  }

  /** Sends 4 KiB from memory. */
  @GET
  @Path("small/{key}")
  public Response small() {
    return Response.ok(SMALL, MediaType.APPLICATION_OCTET_STREAM_TYPE).build();
  }

  /** Streams so many zeros from the zero device. */
  @GET
  @Path("zeros/{size}")
  public Response zeros(@PathParam("size") long size) {
    StreamingOutput zeros =
        target -> {
          byte[] piece = new byte[PIECE];
          try (InputStream source = new FileInputStream("/dev/zero")) {
            for (long left = size; left > 0; ) {
              int count = source.read(piece, 0, (int) Math.min(left, PIECE));
              target.write(piece, 0, count);
              left -= count;
            }
          }
        };
    return Response.ok(zeros, MediaType.APPLICATION_OCTET_STREAM_TYPE)
        .header(HttpHeaders.CONTENT_LENGTH, size)
        .build();
  }
}
