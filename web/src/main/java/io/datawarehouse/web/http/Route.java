package io.datawarehouse.web.http;

/**
 * What a request was for, in few words: the template of its path and its method. Immutable.
 *
 * @param template the path with the names of its variables, for example {@code /buckets/{bucket}}
 * @param method the method
 */
public record Route(String template, String method) {

  /** No resource method serves the request. */
  public static final Route NONE = new Route("none", "other");
}
