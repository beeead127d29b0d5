package io.datawarehouse.web.rest;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import java.net.URI;

/**
 * Keeps JAX-RS from taking what follows a semicolon for parameters of the path when it looks for
 * the method: here a semicolon is a character like another.
 */
@PreMatching
final class PlainPaths implements ContainerRequestFilter {

  @Override
  public void filter(ContainerRequestContext context) {
    URI uri = context.getUriInfo().getRequestUri();
    String path = uri.getRawPath();
    if (path.indexOf(';') >= 0) {
      String text = uri.toString();
      int query = text.indexOf('?');
      String before = query < 0 ? text : text.substring(0, query);
      String after = query < 0 ? "" : text.substring(query);
      context.setRequestUri(URI.create(before.replace(";", "%3B") + after));
    }
  }
}
